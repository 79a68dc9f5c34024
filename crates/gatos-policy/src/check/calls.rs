//! The functions that rules may call. `docs/spec/policy.md#functions`.

use regorus::unstable::Expr;

use super::read::Parsed;
use crate::diagnostic::Diagnostics;

/// A function of the language: its name and how many arguments it takes.
pub(crate) const BUILTINS: &[(&str, usize)] = &[
    ("abs", 1),
    ("array.concat", 2),
    ("array.reverse", 1),
    ("array.slice", 3),
    ("concat", 2),
    ("contains", 2),
    ("count", 1),
    ("endswith", 2),
    ("indexof", 2),
    ("intersection", 1),
    ("is_array", 1),
    ("is_boolean", 1),
    ("is_null", 1),
    ("is_number", 1),
    ("is_object", 1),
    ("is_set", 1),
    ("is_string", 1),
    ("lower", 1),
    ("max", 1),
    ("min", 1),
    ("object.filter", 2),
    ("object.get", 3),
    ("object.keys", 1),
    ("object.remove", 2),
    ("object.union", 2),
    ("sort", 1),
    ("split", 2),
    ("sprintf", 2),
    ("startswith", 2),
    ("substring", 3),
    ("sum", 1),
    ("trim", 2),
    ("trim_left", 2),
    ("trim_prefix", 2),
    ("trim_right", 2),
    ("trim_space", 1),
    ("trim_suffix", 2),
    ("type_name", 1),
    ("union", 1),
    ("upper", 1),
];

/// Say why a function that is not in [`BUILTINS`] is not.
pub(super) fn why_absent(name: &str) -> &'static str {
    let root = name.split('.').next().unwrap_or_default();
    match root {
        "time" => "there is no clock: a time is what `input.time` says",
        "rand" | "uuid" => {
            "there is no randomness: a decision must be the same when it is replayed"
        }
        "http" | "net" | "opa" | "rego" => "there is no network and no environment",
        "numbers" | "product" | "ceil" | "floor" | "round" | "to_number" | "units" => {
            "numbers are whole, and none is made of nothing"
        }
        "regex" | "glob" => "use `startswith`, `endswith`, `contains` and `split`",
        "print" | "trace" => "a decision says what its rules found, and nothing else",
        "crypto" | "io" | "json" | "yaml" | "base64" | "base64url" | "hex" | "urlquery" => {
            "facts reach rules checked and decoded"
        }
        _ => "docs/spec/policy.md lists the functions that there are",
    }
}

/// Check the arguments of a call of a function of the language.
pub(super) fn check_arguments(
    module: &Parsed,
    (name, call): (&str, &Expr),
    diagnostics: &mut Diagnostics,
) {
    let Expr::Call { span, params, .. } = call else {
        return;
    };
    let arity = BUILTINS.iter().find(|(known, _)| *known == name);
    if let Some((_, arity)) = arity.filter(|(_, arity)| *arity != params.len()) {
        let found = params.len();
        let message = format!("`{name}` takes {arity} arguments, and has {found} here");
        diagnostics.add(module.span(span), "arguments", message);
    }
    if name != "sprintf" {
        return;
    }
    let (format, values) = (params.first(), params.get(1));
    let verbs = format.and_then(|format| verbs(format));
    let items = values.and_then(|values| match &**values {
        Expr::Array { items, .. } => Some(items.len()),
        _ => None,
    });
    if verbs.is_none() || verbs != items {
        let message = "the format of `sprintf` is a text in quotes with `%s`, `%d`, `%v` or `%%`, \
                       and its values are as many in `[…]`";
        diagnostics.add(module.span(span), "sprintf", message);
    }
}

/// How many values a format takes; `None` if it is no literal or has other verbs.
fn verbs(format: &Expr) -> Option<usize> {
    let (Expr::String { value, .. } | Expr::RawString { value, .. }) = format else {
        return None;
    };
    let text = value.as_string().ok()?;
    let mut chars = text.chars();
    let mut count: usize = 0;
    while let Some(c) = chars.next() {
        if c == '%' {
            match chars.next()? {
                's' | 'd' | 'v' => count = count.saturating_add(1),
                '%' => {}
                _ => return None,
            }
        }
    }
    Some(count)
}
