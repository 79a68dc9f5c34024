//! `gatos policy …`: reports as plain data.

use std::path::Path;

use gatos_core::json;
use gatos_policy::{
    Change, Decision, Diagnostics, Input, Limits, Outcome, Program, Rule, RuleOutcome, RuleTrace,
    TEMPLATES, decide, differences, formatted, run_suite, trace,
};
use serde::Serialize;
use serde_json::value::RawValue;

use super::source::{Sources, in_force};
use crate::error::{Context, Error, ErrorKind};
use crate::repository::Repository;

/// A decision rule as people see it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct RuleView {
    /// What it is called in decisions
    pub id: String,
    /// `allow` or `deny`
    pub effect: &'static str,
    /// `error` or `warning`
    pub severity: &'static str,
    /// The intents that it is about
    pub intents: Vec<&'static str>,
    /// The subjects that it is about; `None` for all
    pub scope: Option<String>,
    /// What it is about
    pub title: String,
    /// The decision record that it carries out
    pub adr: String,
    /// What somebody is told who does not meet it
    pub message: String,
    /// The module that has it
    pub module: String,
}

impl From<&Rule> for RuleView {
    fn from(rule: &Rule) -> Self {
        let scope = rule.scope.to_string();
        Self {
            id: rule.id.clone(),
            effect: rule.effect.as_str(),
            severity: rule.severity.as_str(),
            intents: rule.intents.names(),
            scope: (rule.scope != gatos_policy::Scope::Everything).then_some(scope),
            title: rule.title.clone(),
            adr: rule.adr.clone(),
            message: rule.message.clone(),
            module: rule.module.clone(),
        }
    }
}

/// Compiled rules.
#[derive(Clone, Debug, Serialize)]
pub struct CompileReport {
    /// The `policy_code_root`
    pub root: String,
    /// The engine that they are for
    pub engine: &'static str,
    /// Number of modules
    pub modules: usize,
    /// Number of decision rules
    pub rules: usize,
    /// Number of the engine's instructions
    pub instructions: usize,
    /// Size of the block, in bytes
    pub size: usize,
    /// The block
    #[serde(skip)]
    pub rgc: Vec<u8>,
}

/// One thing that is wrong with sources.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// The name of what is broken
    pub code: &'static str,
    /// The module
    pub module: String,
    /// The line, from 1
    pub line: u32,
    /// The column, from 1
    pub column: u32,
    /// What is wrong
    pub message: String,
    /// What to write instead
    pub help: Option<String>,
    /// The paragraph that a person reads
    #[serde(skip)]
    pub text: String,
}

/// What is wrong with sources.
#[derive(Clone, Debug, Serialize)]
pub struct CheckReport {
    /// Number of modules
    pub modules: usize,
    /// Number of decision rules, if nothing is wrong
    pub rules: usize,
    /// What is wrong
    pub problems: Vec<Problem>,
}

/// Which sources are laid out otherwise than they should.
#[derive(Clone, Debug, Serialize)]
pub struct FormatReport {
    /// Number of modules, tests among them
    pub modules: usize,
    /// Those that are not laid out as they should
    pub files: Vec<Misplaced>,
}

/// A module that is laid out otherwise.
#[derive(Clone, Debug, Serialize)]
pub struct Misplaced {
    /// The module
    pub module: String,
    /// The first line that differs, from 1
    pub line: usize,
    /// That line as it is
    pub is: String,
    /// That line as it should be
    pub should_be: String,
}

/// A test and how it ended.
#[derive(Clone, Debug, Serialize)]
pub struct TestCase {
    /// The module
    pub module: String,
    /// The line, from 1
    pub line: u32,
    /// The test
    pub name: String,
    /// `passed`, `failed` or `broken`
    pub outcome: &'static str,
    /// Why it is broken
    pub detail: Option<String>,
}

/// Which lines of a module tests reached.
#[derive(Clone, Debug, Serialize)]
pub struct CoverageView {
    /// The module
    pub module: String,
    /// Number of lines that were reached
    pub covered: usize,
    /// Lines that were not
    pub missed: Vec<u32>,
}

/// The tests of a policy.
#[derive(Clone, Debug, Serialize)]
pub struct TestReport {
    /// Whether there are tests and all passed
    pub passed: bool,
    /// Every test
    pub cases: Vec<TestCase>,
    /// By module
    pub coverage: Vec<CoverageView>,
    /// Rules that spoke in no test
    pub silent: Vec<String>,
}

/// What one rule said to an input.
#[derive(Clone, Debug, Serialize)]
pub struct TraceView {
    /// The rule
    pub rule: RuleView,
    /// What it said, in words
    pub outcome: &'static str,
    /// What it found, as messages and missing facts
    pub findings: Vec<String>,
}

/// The rules of a policy.
#[derive(Clone, Debug, Serialize)]
pub struct ListReport {
    /// The `policy_code_root`
    pub root: String,
    /// Every decision rule
    pub rules: Vec<RuleView>,
    /// Every module, without comments and layout
    pub modules: Vec<ModuleView>,
}

/// A module without comments and layout.
#[derive(Clone, Debug, Serialize)]
pub struct ModuleView {
    /// Its name
    pub name: String,
    /// Its text
    pub text: String,
}

/// A decision, and what each rule said.
#[derive(Clone, Debug, Serialize)]
pub struct ExplainReport {
    /// The decision as an audit record has it
    pub decision: Box<RawValue>,
    /// Content id of the decision
    pub id: String,
    /// `allow` or `deny`
    pub verdict: &'static str,
    /// What the verdict rests on
    pub basis: &'static str,
    /// The three lines of a refusal
    pub lines: Vec<String>,
    /// Warnings, as rule and message
    pub warnings: Vec<String>,
    /// What each rule about the intent said
    pub rules: Vec<TraceView>,
}

/// What is different between two policies.
#[derive(Clone, Debug, Serialize)]
pub struct DiffReport {
    /// Root of the rules before
    pub before: String,
    /// Root of the rules after
    pub after: String,
    /// Each difference: a sign, the thing, and details
    pub changes: Vec<ChangeView>,
}

/// One difference.
#[derive(Clone, Debug, Serialize)]
pub struct ChangeView {
    /// `added`, `removed`, `changed` or `text`
    pub kind: &'static str,
    /// The rule or module
    pub name: String,
    /// What about it
    pub details: Vec<String>,
}

/// A template that was written.
#[derive(Clone, Debug, Serialize)]
pub struct TemplateReport {
    /// The template
    pub template: String,
    /// The files
    pub files: Vec<String>,
}

/// Compile sources.
///
/// # Errors
/// What is wrong with them.
pub fn compile(sources: &Sources) -> Result<CompileReport, Error> {
    let program = gatos_policy::compile(&sources.modules).map_err(does_not_compile)?;
    Ok(compiled(&program))
}

/// What there is to say about compiled rules.
#[must_use]
pub fn compiled(program: &Program) -> CompileReport {
    CompileReport {
        root: program.root().to_string(),
        engine: gatos_policy::ENGINE,
        modules: program.modules().count(),
        rules: program.rules().len(),
        instructions: program.instructions(),
        size: program.to_rgc().len(),
        rgc: program.to_rgc().to_vec(),
    }
}

/// Everything that is wrong with sources.
#[must_use]
pub fn check(sources: &Sources) -> CheckReport {
    let compiled = gatos_policy::compile(&sources.modules);
    CheckReport {
        modules: sources.modules.len(),
        rules: compiled.as_ref().map_or(0, |program| program.rules().len()),
        problems: compiled.err().map(problems).unwrap_or_default(),
    }
}

/// Run the tests of a policy.
///
/// # Errors
/// What is wrong with the sources.
pub fn test(sources: &Sources) -> Result<TestReport, Error> {
    let report = run_suite(&sources.modules, &sources.tests).map_err(does_not_compile)?;
    let passed = report.is_passed();
    let case = |case: gatos_policy::CaseReport| {
        let (outcome, detail) = match case.outcome {
            Outcome::Passed => ("passed", None),
            Outcome::Failed => ("failed", None),
            Outcome::Broken(why) => ("broken", Some(why)),
        };
        TestCase {
            module: case.module,
            line: case.line,
            name: case.name,
            outcome,
            detail,
        }
    };
    let coverage = report.coverage.into_iter().map(|coverage| CoverageView {
        module: coverage.module,
        covered: coverage.covered.len(),
        missed: coverage.missed.into_iter().collect(),
    });
    let silent = report.spoke.into_iter().filter(|(_, times)| *times == 0);
    Ok(TestReport {
        passed,
        cases: report.cases.into_iter().map(case).collect(),
        coverage: coverage.collect(),
        silent: silent.map(|(rule, _)| rule).collect(),
    })
}

/// Which sources are laid out otherwise than they should.
///
/// # Errors
/// A source that has no tokens of Rego.
pub fn fmt_check(sources: &Sources) -> Result<FormatReport, Error> {
    let mut files = Vec::new();
    let all = || sources.modules.iter().chain(&sources.tests);
    for module in all() {
        let wanted = formatted(module).map_err(does_not_compile)?;
        if module.text != wanted {
            files.push(misplaced(&module.name, &module.text, &wanted));
        }
    }
    Ok(FormatReport {
        modules: all().count(),
        files,
    })
}

/// What a program says to the input in a JSON text, and why.
///
/// # Errors
/// A text that is no input.
pub fn explain(program: &Program, text: &str) -> Result<ExplainReport, Error> {
    let wrong = || "this is no input for rules".to_owned();
    let value = json::from_str(text).context(ErrorKind::Usage, wrong)?;
    let input = Input::from_projection(value)
        .context(ErrorKind::Usage, wrong)
        .map_err(|e| e.with_hint("docs/spec/policy.md lists the fields of every intent"))?;
    let decision = decide(program, &input, Limits::DEFAULT);
    let rules = trace(program, &input, Limits::DEFAULT);
    let shown = json::to_string(&decision.to_value());
    let bytes = decision.to_bytes();
    Ok(ExplainReport {
        decision: RawValue::from_string(shown).or_failed(|| "a decision is not JSON".to_owned())?,
        id: gatos_core::cid::Cid::of_dag_cbor(&bytes).to_string(),
        verdict: decision.verdict.as_str(),
        basis: decision.basis.as_str(),
        lines: decision.lines(),
        warnings: warnings(&decision),
        rules: rules.iter().map(trace_view).collect(),
    })
}

/// The rules of a program; of one rule only if its id is given.
///
/// # Errors
/// No rule of that id.
pub fn list(program: &Program, id: Option<&str>) -> Result<ListReport, Error> {
    let wanted = |rule: &&Rule| id.is_none_or(|id| rule.id == id);
    let rules: Vec<&Rule> = program.rules().iter().filter(wanted).collect();
    if let (Some(id), true) = (id, rules.is_empty()) {
        let message = format!("no rule has the id `{id}`");
        return Err(Error::new(ErrorKind::Usage, message)
            .with_hint("`gatos policy explain` lists all of them"));
    }
    let has_rule = |name: &str| id.is_none() || rules.iter().any(|rule| rule.module == name);
    let modules = program.modules().filter(|(name, _)| has_rule(name));
    Ok(ListReport {
        root: program.root().to_string(),
        modules: modules
            .map(|(name, text)| ModuleView {
                name: name.to_owned(),
                text: text.to_owned(),
            })
            .collect(),
        rules: rules.into_iter().map(RuleView::from).collect(),
    })
}

/// What is different in `after`.
#[must_use]
pub fn diff(before: &Program, after: &Program) -> DiffReport {
    DiffReport {
        before: before.root().to_string(),
        after: after.root().to_string(),
        changes: differences(before, after)
            .into_iter()
            .map(change_view)
            .collect(),
    }
}

/// Write the files of a template into a folder, of which none may be there yet.
///
/// # Errors
/// No such template, a file that is there, or a folder that cannot be written.
pub fn write_template(name: &str, folder: &Path) -> Result<TemplateReport, Error> {
    let template = TEMPLATES.iter().find(|template| template.name == name);
    let template = template.ok_or_else(|| {
        let names: Vec<&str> = TEMPLATES.iter().map(|template| template.name).collect();
        let hint = format!("the templates are {}", names.join(", "));
        Error::new(ErrorKind::Usage, format!("there is no template `{name}`")).with_hint(hint)
    })?;
    let paths: Vec<_> = template.files.iter().map(|(n, _)| folder.join(n)).collect();
    if let Some(path) = paths.iter().find(|path| path.exists()) {
        let message = format!("`{}` is there already", path.display());
        return Err(Error::new(ErrorKind::Usage, message).with_hint("give another folder"));
    }
    let cannot = || format!("cannot write into `{}`", folder.display());
    std::fs::create_dir_all(folder).or_failed(cannot)?;
    for (path, (_, text)) in paths.iter().zip(template.files) {
        std::fs::write(path, text).or_failed(cannot)?;
    }
    Ok(TemplateReport {
        template: name.to_owned(),
        files: paths.iter().map(|p| p.display().to_string()).collect(),
    })
}

/// The rules in force, to be read.
///
/// # Errors
/// Rules that are damaged or of another engine.
pub fn rules_in_force(repository: &Repository) -> Result<Program, Error> {
    in_force(repository).cloned()
}

/// What is wrong with sources, each with its place.
fn does_not_compile(diagnostics: Diagnostics) -> Error {
    let message = format!("the rules do not compile\n\n{diagnostics}");
    Error::new(ErrorKind::Failed, message)
}

fn problems(diagnostics: Diagnostics) -> Vec<Problem> {
    let list = diagnostics.list.into_iter();
    list.map(|diagnostic| Problem {
        text: diagnostic.to_string(),
        code: diagnostic.code,
        module: diagnostic.module,
        line: diagnostic.place.line,
        column: diagnostic.place.column,
        message: diagnostic.message,
        help: diagnostic.help,
    })
    .collect()
}

fn misplaced(module: &str, is: &str, should_be: &str) -> Misplaced {
    let (a, b) = (is.split('\n'), should_be.split('\n'));
    let same = a.zip(b).take_while(|(a, b)| a == b).count();
    let line = |text: &str| text.split('\n').nth(same).unwrap_or_default().to_owned();
    Misplaced {
        module: module.to_owned(),
        line: same.saturating_add(1),
        is: line(is),
        should_be: line(should_be),
    }
}

fn warnings(decision: &Decision) -> Vec<String> {
    let warnings = decision.warnings.iter();
    warnings
        .map(|reason| format!("{}: {}", reason.rule, reason.message))
        .collect()
}

fn trace_view(trace: &RuleTrace<'_>) -> TraceView {
    let (outcome, findings) = match &trace.outcome {
        RuleOutcome::OutOfScope => ("out of scope", Vec::new()),
        RuleOutcome::DoesNotHold => ("does not hold", Vec::new()),
        RuleOutcome::Holds => ("holds", Vec::new()),
        RuleOutcome::FoundNothing => ("found nothing", Vec::new()),
        RuleOutcome::Failed => ("failed", Vec::new()),
        RuleOutcome::TookTooMuch => ("took too much", Vec::new()),
        RuleOutcome::Found(reasons) => {
            let lines = reasons.iter().flat_map(|reason| {
                let missing = reason.missing.iter().map(|m| format!("missing: {m}"));
                [reason.message.clone()].into_iter().chain(missing)
            });
            ("found", lines.collect())
        }
    };
    TraceView {
        rule: RuleView::from(trace.rule),
        outcome,
        findings,
    }
}

fn change_view(change: Change) -> ChangeView {
    let about = |rule: &Rule| {
        vec![format!(
            "{} {} ({}): {}",
            rule.effect.as_str(),
            rule.intents,
            rule.severity.as_str(),
            rule.title
        )]
    };
    match change {
        Change::Added(rule) => ChangeView {
            kind: "added",
            details: about(&rule),
            name: rule.id,
        },
        Change::Removed(rule) => ChangeView {
            kind: "removed",
            details: about(&rule),
            name: rule.id,
        },
        Change::Changed {
            before,
            after,
            fields,
        } => ChangeView {
            kind: "changed",
            details: fields
                .into_iter()
                .map(|field| {
                    let (a, b) = (field_of(&before, field), field_of(&after, field));
                    format!("{field}: {a} -> {b}")
                })
                .collect(),
            name: before.id,
        },
        Change::Text { module, lines } => ChangeView {
            kind: "text",
            name: module,
            details: lines,
        },
    }
}

fn field_of(rule: &Rule, field: &str) -> String {
    match field {
        "title" => rule.title.clone(),
        "adr" => rule.adr.clone(),
        "message" => rule.message.clone(),
        "severity" => rule.severity.as_str().to_owned(),
        "effect" => rule.effect.as_str().to_owned(),
        "intent" => rule.intents.to_string(),
        "scope" => rule.scope.to_string(),
        _ => rule.module.clone(),
    }
}
