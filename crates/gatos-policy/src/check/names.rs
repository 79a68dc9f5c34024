//! Which rules there are, and what a name in a rule stands for.

use std::collections::BTreeMap;

use regorus::unstable::{Expr, Rule, RuleHead, Span};

use super::Decider;
use super::read::Parsed;
use crate::diagnostic::Diagnostics;
use crate::engine::LIBRARY_FUNCTIONS;
use crate::program::Effect;

/// What is known of a rule.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// Number of arguments, if it is a function
    pub(super) arity: Option<usize>,
    /// Whether it is `allow` or `deny`
    pub(super) decides: bool,
}

/// Every rule of the policy by its path, `package.name`.
#[derive(Debug, Default)]
pub(super) struct Names {
    rules: BTreeMap<String, Known>,
}

/// What a reference stands for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Target {
    /// The input
    Input,
    /// A rule, by its path
    Rule(String),
    /// A function of `data.gatos`
    Library(String),
    /// A variable of the rule
    Local(String),
    /// A path below `data` that no rule has
    Nothing(String),
    /// Not a name
    Expression,
}

impl Names {
    pub(super) fn collect(modules: &[Parsed], diagnostics: &mut Diagnostics) -> Self {
        let mut names = Self::default();
        for module in modules {
            check_package(module, diagnostics);
            for rule in &module.ast.policy {
                let Some((name, span)) = head_name(rule) else {
                    let message = "a rule's name is one word; `name[key] := value` is allowed";
                    diagnostics.add(module.span(rule.span()), "rule-name", message);
                    continue;
                };
                if name.starts_with("test_") || matches!(name, "input" | "data") {
                    let message = format!("a rule of a policy cannot be called `{name}`");
                    let help = "tests stand in modules whose name ends in `_test.rgs`";
                    diagnostics.add_with_help(module.span(span), "rule-name", (message, help));
                }
                let arity = match &**rule {
                    Rule::Spec {
                        head: RuleHead::Func { args, .. },
                        ..
                    } => Some(args.len()),
                    Rule::Default { args, .. } if !args.is_empty() => Some(args.len()),
                    _ => None,
                };
                let path = format!("{}.{name}", module.package);
                let decides = Effect::parse(name).is_some();
                names.rules.insert(path, Known { arity, decides });
            }
        }
        names
    }

    pub(super) fn get(&self, path: &str) -> Option<&Known> {
        self.rules.get(path)
    }

    /// What the reference `expression` of a rule in `module` stands for.
    pub(super) fn target(&self, module: &Parsed, expression: &Expr) -> Target {
        let Some(path) = static_path(expression) else {
            return Target::Expression;
        };
        let Some((first, rest)) = path.split_first() else {
            return Target::Expression;
        };
        match *first {
            "input" => return Target::Input,
            "data" => return self.below(rest),
            _ => {}
        }
        let imports = module.ast.imports.iter();
        for import in imports {
            let Some(imported) = static_path(&import.refr) else {
                continue;
            };
            let alias = import.r#as.as_ref().map(|span| span.text());
            let alias = alias.or(imported.last().copied());
            if alias == Some(*first) && imported.first() == Some(&"data") {
                let mut full: Vec<&str> = imported.get(1..).unwrap_or_default().to_vec();
                full.extend(rest);
                return self.below(&full);
            }
        }
        let own = format!("{}.{first}", module.package);
        if self.rules.contains_key(&own) {
            return Target::Rule(own);
        }
        Target::Local((*first).to_owned())
    }

    fn below(&self, path: &[&str]) -> Target {
        if let ["gatos", function, ..] = path
            && LIBRARY_FUNCTIONS.iter().any(|(name, _)| name == function)
        {
            return Target::Library((*function).to_owned());
        }
        for length in (1..=path.len()).rev() {
            let joined = path.get(..length).unwrap_or_default().join(".");
            if self.rules.contains_key(&joined) {
                return Target::Rule(joined);
            }
        }
        Target::Nothing(format!("data.{}", path.join(".")))
    }
}

/// The leading part of a reference that is written as words: `a.b["c"][i].d` is `a`, `b`, `c`.
pub(super) fn static_path(expression: &Expr) -> Option<Vec<&str>> {
    leading(expression).map(|(path, _)| path)
}

/// As [`static_path`], and whether that is the whole reference.
fn leading(expression: &Expr) -> Option<(Vec<&str>, bool)> {
    let (refr, word) = match expression {
        Expr::Var { span, .. } => return Some((vec![span.text()], true)),
        Expr::RefDot { refr, field, .. } => (refr, Some(field.0.text())),
        Expr::RefBrack { refr, index, .. } => match &**index {
            Expr::String { span, .. } => (refr, Some(span.text())),
            _ => (refr, None),
        },
        _ => return None,
    };
    let (mut path, whole) = leading(refr)?;
    match word {
        Some(word) if whole => {
            path.push(word);
            Some((path, true))
        }
        _ => Some((path, false)),
    }
}

/// The name in a rule's head; `None` if it is not one word.
pub(crate) fn head_name(rule: &Rule) -> Option<(&str, &Span)> {
    let refr = match rule {
        Rule::Spec { head, .. } => match head {
            RuleHead::Compr { refr, .. }
            | RuleHead::Set { refr, .. }
            | RuleHead::Func { refr, .. } => refr,
        },
        Rule::Default { refr, .. } => refr,
    };
    match &**refr {
        Expr::Var { span, .. } => Some((span.text(), span)),
        Expr::RefBrack { refr, .. } => match &**refr {
            Expr::Var { span, .. } => Some((span.text(), span)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a rule of that name decides.
pub(super) fn is_decision(name: &str) -> bool {
    Effect::parse(name).is_some()
}

/// The definitions of `allow` and `deny`, in order.
pub(super) fn deciders(modules: &[Parsed], diagnostics: &mut Diagnostics) -> Vec<Decider> {
    let mut found: Vec<Decider> = Vec::new();
    for (index, module) in modules.iter().enumerate() {
        for rule in &module.ast.policy {
            let Some((name, span)) = head_name(rule) else {
                continue;
            };
            let Some(effect) = Effect::parse(name) else {
                continue;
            };
            let is_set = match shape(effect, rule) {
                Ok(is_set) => is_set,
                Err(message) => {
                    diagnostics.add(module.span(span), "decision-rule", message);
                    continue;
                }
            };
            let start = usize::try_from(span.start).unwrap_or(usize::MAX);
            let mixed = found.iter().any(|other| {
                other.package == module.package && other.effect == effect && other.is_set != is_set
            });
            if mixed {
                let message = "`deny` is a set here and a boolean elsewhere in this package";
                let help = "write all of them as `deny contains …`, or all as `deny if …`";
                diagnostics.add_with_help(module.span(span), "decision-rule", (message, help));
            }
            found.push(Decider {
                module: index,
                package: module.package.clone(),
                effect,
                is_set,
                start,
            });
        }
    }
    if found.len() > super::MAX_RULES
        && let Some(module) = modules.last()
    {
        let message = format!("a policy has at most {} decision rules", super::MAX_RULES);
        diagnostics.add(module.at(0, 1), "size", message);
    }
    found
}

fn shape(effect: Effect, rule: &Rule) -> Result<bool, &'static str> {
    let Rule::Spec { head, bodies, .. } = rule else {
        return Err("what no rule allows is denied: `allow` and `deny` have no default");
    };
    if bodies.iter().any(|body| body.is_else) {
        return Err("`allow` and `deny` have no `else`: write another rule");
    }
    match (effect, head) {
        (_, RuleHead::Compr { refr, assign, .. })
            if matches!(&**refr, Expr::Var { .. })
                && assign.as_ref().is_none_or(|assign| {
                    matches!(&*assign.value, Expr::Bool { value, .. } if value.as_bool().is_ok_and(|b| *b))
                }) =>
        {
            Ok(false)
        }
        (Effect::Deny, RuleHead::Set { key: Some(_), .. }) => Ok(true),
        (Effect::Allow, _) => Err("an `allow` rule is written `allow if { … }`"),
        (Effect::Deny, _) => Err("a `deny` rule is written `deny if { … }` or `deny contains …`"),
    }
}

fn check_package(module: &Parsed, diagnostics: &mut Diagnostics) {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let words: Vec<&str> = module.package.split('.').collect();
    let reserved = words
        .first()
        .is_some_and(|first| first.starts_with("gatos"));
    if words.len() > 4 || reserved || !words.iter().all(|w| word(w)) {
        let at = module.span(&module.ast.package.span);
        let message = "a package has one to four names of `a-z`, `0-9` and `_`, not `gatos`";
        diagnostics.add(at, "package", message);
    }
    for import in &module.ast.imports {
        let path = static_path(&import.refr).unwrap_or_default();
        let fine = path == ["rego", "v1"] || path.first() == Some(&"data") && path.len() > 1;
        if !fine {
            let message = "only `rego.v1` and what is below `data` can be imported";
            diagnostics.add(module.span(&import.span), "import", message);
        }
    }
}
