//! What identifies a program apart from its data. `docs/spec/job.md#builder_id`.

use std::collections::{BTreeMap, BTreeSet};

use gatos_core::cbor;
use gatos_core::cid::Cid;
use gatos_core::name::ItemName;
use gatos_core::value::Value;

use crate::derivation::{Dependency, DrvFile};
use crate::store_path::StorePath;

/// The content id of `drv` without its data, and the block that it names.
///
/// The block is the DAG-CBOR map
/// `{version: 1, name, system, builder, args, env, inputs, sources, derivations, outputs}`:
/// - `inputs`: the names of the job's inputs, sorted bytewise;
/// - `name`, `system`: text; `builder` and each of `args`: bytes;
/// - `env`: pairs `[name, value]` sorted by name; `value` is bytes;
/// - `sources`: the store paths of the sources, sorted; `derivations`: pairs
///   `[store path of the .drv, [output, …]]`, sorted;
/// - `outputs`: the names of the outputs, sorted.
///
/// Three things are taken out, and nothing else:
/// - the store path of each input is replaced by `@input:<name>@` wherever it occurs as text in
///   `builder`, `args` and `env`. If two inputs are the same path, the name that sorts first is
///   written. `gatosInputs` is left out of `env`, because `inputs` says it.
/// - a path that is an input is left out of `sources`, and so is its output of `derivations`;
///   a derivation of which no output is left goes too.
/// - in `env`, the value of each variable that is named after an output is empty.
pub(super) fn builder_id(
    drv: &DrvFile,
    inputs: &BTreeMap<ItemName, StorePath>,
    dependencies: &BTreeMap<StorePath, Dependency>,
) -> (Cid, Vec<u8>) {
    let blank = Placeholders::new(inputs);
    let outputs: Vec<String> = drv.outputs().into_keys().collect();
    let environment = drv
        .environment()
        .iter()
        .filter(|(name, _)| *name != "gatosInputs")
        .map(|(name, value)| {
            let value = match outputs.contains(name) {
                true => Vec::new(),
                false => blank.apply(value),
            };
            Value::list([Value::text(name), Value::Bytes(value)])
        });
    let arguments = drv.arguments().iter();
    let block = cbor::encode(&Value::map([
        ("version", Value::from(1)),
        ("name", Value::text(derivation_name(drv))),
        ("system", Value::text(drv.system())),
        (
            "builder",
            Value::Bytes(blank.apply(drv.builder().as_bytes())),
        ),
        (
            "args",
            Value::list(arguments.map(|a| Value::Bytes(blank.apply(a.as_bytes())))),
        ),
        ("env", Value::list(environment)),
        ("inputs", texts(inputs.keys())),
        (
            "sources",
            texts(drv.input_sources().iter().filter(|p| !blank.is_input(p))),
        ),
        ("derivations", derivations(drv, &blank, dependencies)),
        ("outputs", texts(&outputs)),
    ]));
    (Cid::of_dag_cbor(&block), block)
}

fn derivations(
    drv: &DrvFile,
    blank: &Placeholders<'_>,
    dependencies: &BTreeMap<StorePath, Dependency>,
) -> Value {
    let mut inputs = drv.input_derivations();
    for (path, dependency) in dependencies {
        if blank.is_input(path)
            && let Some(outputs) = inputs.get_mut(&dependency.derivation)
        {
            outputs.remove(&dependency.output);
        }
    }
    let kept = inputs.iter().filter(|(_, outputs)| !outputs.is_empty());
    Value::list(
        kept.map(|(path, outputs)| Value::list([Value::text(path.to_string()), texts(outputs)])),
    )
}

fn derivation_name(drv: &DrvFile) -> &str {
    let name = drv.path().name();
    name.strip_suffix(".drv").unwrap_or(name)
}

fn texts<T: ToString>(items: impl IntoIterator<Item = T>) -> Value {
    Value::list(items.into_iter().map(|item| Value::text(item.to_string())))
}

/// Which store paths are data, and what is written instead of them.
struct Placeholders<'a> {
    paths: BTreeSet<&'a StorePath>,
    /// Path and placeholder; longer paths first, so that none hides behind its own prefix
    texts: Vec<(String, String)>,
}

impl<'a> Placeholders<'a> {
    fn new(inputs: &'a BTreeMap<ItemName, StorePath>) -> Self {
        let mut texts: Vec<(String, String)> = Vec::new();
        for (name, path) in inputs {
            let path = path.to_string();
            if texts.iter().all(|(known, _)| *known != path) {
                texts.push((path, format!("@input:{name}@")));
            }
        }
        texts.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        Self {
            paths: inputs.values().collect(),
            texts,
        }
    }

    fn is_input(&self, path: &StorePath) -> bool {
        self.paths.contains(path)
    }

    fn apply(&self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some((first, others)) = rest.split_first() {
            let found = self.texts.iter().find_map(|(path, placeholder)| {
                Some((placeholder, rest.strip_prefix(path.as_bytes())?))
            });
            if let Some((placeholder, behind)) = found {
                out.extend_from_slice(placeholder.as_bytes());
                rest = behind;
            } else {
                out.push(*first);
                rest = others;
            }
        }
        out
    }
}
