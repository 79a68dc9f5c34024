//! Tests of a policy: the rules `test_…` of its modules `*_test.rgs`. `docs/spec/policy.md#tests`.
//!
//! They are run by the engine's interpreter, which knows `with`; what they ask `decide(…)` is answered
//! by [`decide`](crate::decide) itself. The interpreter judges the same input as well, so that covered
//! lines are known, and the two must agree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use gatos_core::value::{Map, Value};
use regorus::{Engine, Value as Theirs};

use crate::check::{Parsed, read};
use crate::decision::{Decision, Missing, decide};
use crate::diagnostic::{At, Diagnostics};
use crate::engine::{
    LIBRARY, LIBRARY_NAME, Limits, Source, from_engine, located, sprintf, to_engine,
};
use crate::input::Input;
use crate::module::Module;
use crate::program::{Program, compile, engine_sources, entry};

/// How a test ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It holds
    Passed,
    /// It does not hold
    Failed,
    /// It could not be evaluated
    Broken(String),
}

/// One test.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CaseReport {
    /// The module
    pub module: String,
    /// The rule
    pub name: String,
    /// The line on which it begins
    pub line: u32,
    /// How it ended
    pub outcome: Outcome,
}

/// Which lines of a module the tests reached.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Coverage {
    /// The module
    pub module: String,
    /// Lines with an expression that was evaluated
    pub covered: BTreeSet<u32>,
    /// Lines with an expression that was not
    pub missed: BTreeSet<u32>,
}

/// All tests.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SuiteReport {
    /// By module and line
    pub cases: Vec<CaseReport>,
    /// By module
    pub coverage: Vec<Coverage>,
    /// For every rule, how often `decide(…)` found it to speak against an input
    pub spoke: BTreeMap<String, u32>,
}

impl SuiteReport {
    /// Whether every test holds, and there is one.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        let mut outcomes = self.cases.iter().map(|case| &case.outcome);
        !self.cases.is_empty() && outcomes.all(|outcome| *outcome == Outcome::Passed)
    }
}

/// Run the tests `tests` of the policy `modules`.
///
/// # Errors
/// What is wrong with the policy, or with the syntax of the tests.
pub fn run_suite(modules: &[Module], tests: &[Module]) -> Result<SuiteReport, Diagnostics> {
    let program = compile(modules)?;
    let mut parsed = Vec::new();
    for test in tests {
        parsed.push(read(test)?);
    }
    let judge = Judge {
        program: Arc::new(program),
        shared: Arc::new(Mutex::new(Shared {
            engine: engine_of(&engine_sources(modules)?).map_err(|e| complaint(modules, &e))?,
            spoke: BTreeMap::new(),
        })),
    };
    let sources: Vec<Source> = modules
        .iter()
        .chain(tests)
        .map(|module| Source {
            name: module.name.clone(),
            text: module.text.replace("\r\n", "\n"),
        })
        .collect();
    let mut engine = engine_of(&sources).map_err(|error| complaint(tests, &error))?;
    let extension = judge.clone();
    engine
        .add_extension(
            "decide".to_owned(),
            1,
            Box::new(move |arguments: Vec<Theirs>| Ok(extension.answer(&arguments)?)),
        )
        .map_err(|error| complaint(tests, &error.to_string()))?;
    let cases = parsed.iter().flat_map(cases).map(|mut case| {
        let path = format!("data.{}.{}", case.1, case.0.name);
        case.0.outcome = match engine.eval_rule(path) {
            Ok(Theirs::Bool(true)) => Outcome::Passed,
            Ok(_) => Outcome::Failed,
            Err(error) => Outcome::Broken(located(&error.to_string()).2),
        };
        case.0
    });
    let cases: Vec<CaseReport> = cases.collect();
    let shared = judge.shared.lock().unwrap_or_else(|e| e.into_inner());
    let coverage = coverage(modules, &[&engine, &shared.engine]);
    let mut spoke = shared.spoke.clone();
    for rule in judge.program.rules() {
        spoke.entry(rule.id.clone()).or_insert(0);
    }
    Ok(SuiteReport {
        cases,
        coverage,
        spoke,
    })
}

#[derive(Debug, thiserror::Error)]
enum JudgeError {
    #[error("`decide` takes an input: {0}")]
    Input(#[from] crate::InputError),
    #[error("`decide` takes one map of text keys, with an `intent`")]
    NoInput,
    #[error("`sprintf` takes a text with `%s`, `%d`, `%v` or `%%`, and as many values in `[…]`")]
    Format,
    #[error("the two evaluators of the engine do not agree; please report this policy")]
    Disagreement,
}

struct Shared {
    engine: Engine,
    spoke: BTreeMap<String, u32>,
}

#[derive(Clone)]
struct Judge {
    program: Arc<Program>,
    shared: Arc<Mutex<Shared>>,
}

impl Judge {
    fn answer(&self, arguments: &[Theirs]) -> Result<Theirs, JudgeError> {
        let given = arguments.first().and_then(from_engine);
        let Some(Value::Map(fields)) = given else {
            return Err(JudgeError::NoInput);
        };
        let intent = match fields.get("intent") {
            Some(Value::Text(text)) => text.parse().map_err(|_| JudgeError::NoInput)?,
            _ => return Err(JudgeError::NoInput),
        };
        let owned = fields.iter().map(|(key, v)| (key.to_owned(), v.clone()));
        let input = Input::with_defaults(intent, owned)?;
        let decision = decide(&self.program, &input, Limits::DEFAULT);
        let mut shared = self.shared.lock().unwrap_or_else(|e| e.into_inner());
        if self.program.governs(intent) {
            let document = to_engine(input.value());
            shared.engine.set_input(document.clone());
            let theirs = shared.engine.eval_rule(entry(intent));
            let ours = self
                .program
                .machine
                .run(&entry(intent), document, Limits::DEFAULT);
            let agree = match (&ours, &theirs) {
                (Ok(ours), Ok(theirs)) => is_same(ours, theirs),
                (Err(_), Err(_)) => true,
                // A function of the profile may fail where the engine's own gives nothing.
                (Err(_), Ok(_)) => true,
                (Ok(_), Err(_)) => false,
            };
            if !agree {
                return Err(JudgeError::Disagreement);
            }
        }
        for reason in decision.reasons.iter().chain(&decision.warnings) {
            let count = shared.spoke.entry(reason.rule.clone()).or_insert(0);
            *count = count.saturating_add(1);
        }
        Ok(to_engine(&answer(&decision)))
    }
}

/// Nothing and an empty set are the same: no rule spoke.
fn is_same(ours: &Theirs, theirs: &Theirs) -> bool {
    let is_nothing = |value: &Theirs| match value {
        Theirs::Undefined => true,
        Theirs::Set(items) => items.is_empty(),
        _ => false,
    };
    ours == theirs || is_nothing(ours) && is_nothing(theirs)
}

/// What `decide(…)` gives to a test: the decision, and its parts in short.
fn answer(decision: &Decision) -> Value {
    let ids = |reasons: &[crate::Reason]| {
        let ids: BTreeSet<&str> = reasons.iter().map(|r| r.rule.as_str()).collect();
        Value::list(ids.into_iter().map(Value::text))
    };
    let missing = decision.reasons.iter().flat_map(|r| &r.missing);
    let missing = missing.map(|m: &Missing| Value::text(m.to_string()));
    let mut map = Map::default();
    map.insert("allow", Value::Bool(decision.is_allowed()));
    map.insert("basis", Value::text(decision.basis.as_str()));
    map.insert("rules", ids(&decision.reasons));
    map.insert("warnings", ids(&decision.warnings));
    map.insert("missing", Value::list(missing));
    let messages = decision.reasons.iter().map(|r| Value::text(&r.message));
    map.insert("messages", Value::list(messages));
    Value::Map(map)
}

fn engine_of(sources: &[Source]) -> Result<Engine, String> {
    let mut engine = Engine::new();
    let library = [(LIBRARY_NAME, LIBRARY)];
    let own = sources.iter().map(|s| (s.name.as_str(), s.text.as_str()));
    for (name, text) in own.chain(library) {
        engine
            .add_policy(name.to_owned(), text.to_owned())
            .map_err(|error| error.to_string())?;
    }
    // As decisions have it.
    let format = |arguments: Vec<Theirs>| match sprintf(&arguments) {
        Some(text) => Ok(Theirs::from(text)),
        None => Err(JudgeError::Format)?,
    };
    engine
        .add_extension("sprintf".to_owned(), 2, Box::new(format))
        .map_err(|error| error.to_string())?;
    engine.set_enable_coverage(true);
    Ok(engine)
}

/// The tests of a module, with its package, before they are run.
fn cases(module: &Parsed) -> Vec<(CaseReport, String)> {
    let mut seen = BTreeSet::new();
    let rules = module.ast.policy.iter();
    rules
        .filter_map(|rule| {
            let (name, span) = crate::check::head_name(rule)?;
            let first = name.starts_with("test_") && seen.insert(name.to_owned());
            let case = CaseReport {
                module: module.name.clone(),
                name: name.to_owned(),
                line: span.line,
                outcome: Outcome::Failed,
            };
            first.then(|| (case, module.package.clone()))
        })
        .collect()
}

fn coverage(modules: &[Module], engines: &[&Engine]) -> Vec<Coverage> {
    let mut all: BTreeMap<&str, (BTreeSet<u32>, BTreeSet<u32>)> = BTreeMap::new();
    let names = modules.iter().map(|module| module.name.as_str());
    all.extend(names.map(|name| (name, Default::default())));
    for engine in engines {
        let Ok(report) = engine.get_coverage_report() else {
            continue;
        };
        for file in report.files {
            if let Some((covered, missed)) = all.get_mut(file.path.as_str()) {
                covered.extend(file.covered);
                missed.extend(file.not_covered);
            }
        }
    }
    let reports = all.into_iter().map(|(module, (covered, missed))| Coverage {
        module: module.to_owned(),
        missed: missed.difference(&covered).copied().collect(),
        covered,
    });
    reports.collect()
}

fn complaint(modules: &[Module], error: &str) -> Diagnostics {
    let (line, column, message) = located(error);
    let named = modules
        .iter()
        .find(|module| error.contains(&format!("--> {}:{line}:", module.name)));
    let mut diagnostics = Diagnostics::default();
    if let Some(module) = named.or(modules.first()) {
        let at = At::line(&module.name, &module.text, line, column);
        diagnostics.add(at, "engine", message);
    }
    diagnostics
}
