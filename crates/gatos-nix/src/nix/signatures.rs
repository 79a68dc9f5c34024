//! Who signed a store path, as far as Nix tells.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::store_path::StorePath;

/// Read what `nix path-info --json` prints: the names of the keys that signed each path.
///
/// The form of this answer has changed with Nix's versions (a list of objects with `path`, then an
/// object by path, then one by base name below `info`), so the signatures are looked for wherever
/// they are.
pub(super) fn parse(answer: &[u8]) -> BTreeMap<StorePath, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    if let Ok(value) = serde_json::from_slice::<Value>(answer) {
        collect(&value, None, &mut found);
    }
    found
}

fn collect(
    value: &Value,
    path: Option<&StorePath>,
    found: &mut BTreeMap<StorePath, BTreeSet<String>>,
) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, path, found)),
        Value::Object(entries) => {
            let stated = entries
                .get("path")
                .and_then(Value::as_str)
                .and_then(read_path);
            let path = stated.as_ref().or(path);
            if let (Some(path), Some(signatures)) = (path, entries.get("signatures")) {
                found
                    .entry(path.clone())
                    .or_default()
                    .extend(keys(signatures));
            }
            for (name, inner) in entries {
                let named = read_path(name);
                collect(inner, named.as_ref().or(path), found);
            }
        }
        _ => {}
    }
}

fn read_path(text: &str) -> Option<StorePath> {
    let absolute = text.parse().ok();
    absolute.or_else(|| StorePath::from_base_name(text).ok())
}

/// A signature is `<key name>:<base64>`, or an object with the key's name in newer versions.
fn keys(signatures: &Value) -> impl Iterator<Item = String> {
    let items = signatures.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| {
        let text = item.as_str().or_else(|| item.get("keyName")?.as_str())?;
        Some(text.split(':').next().unwrap_or(text).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn reads_every_form() {
        let path = "/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-a";
        let base = "00bgd045z0d4icpbc2yyz4gx48ak44la-a";
        let forms = [
            format!(r#"[{{"path":"{path}","signatures":["k-1:AA==","k-2:BB=="]}}]"#),
            format!(r#"{{"{path}":{{"signatures":["k-1:AA==","k-2:BB=="]}}}}"#),
            format!(
                r#"{{"info":{{"{base}":{{"signatures":["k-1:AA==","k-2:BB=="]}}}},"version":2}}"#
            ),
            format!(
                r#"{{"{base}":{{"signatures":[{{"keyName":"k-1","sig":"A"}},{{"keyName":"k-2","sig":"B"}}]}}}}"#
            ),
        ];
        for form in forms {
            let found = parse(form.as_bytes());
            let keys = found.get(&path.parse().unwrap()).unwrap();
            assert_eq!(keys.iter().collect::<Vec<_>>(), ["k-1", "k-2"], "{form}");
        }
        assert!(parse(b"nonsense").is_empty());
    }
}
