//! The attribute `gatos` of an experiment, as `mkExperiment` writes it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

/// What an experiment says about itself beside its derivation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExperimentMeta {
    /// Its name
    pub name: String,
    /// The states that it needs as inputs, by name
    pub states: BTreeMap<String, StateMeta>,
    /// The journal that its result events go to
    pub journal: Option<String>,
    /// The fold of that journal: file name and source text
    pub fold: Option<(String, String)>,
    /// How long the job may run
    pub timeout: Option<Duration>,
}

/// A state that an experiment needs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StateMeta {
    /// The journal that is folded
    pub journal: String,
    /// The file name of the fold
    pub fold_name: String,
    /// The source text of the fold
    pub fold: String,
}

impl ExperimentMeta {
    /// Read the attribute; the error is a reason in words.
    pub(super) fn parse(value: &Value) -> Result<Self, &'static str> {
        let Value::Object(entries) = value else {
            return Err("its attribute `gatos` is no set");
        };
        let states = match entries.get("states") {
            None | Some(Value::Null) => BTreeMap::new(),
            Some(Value::Object(states)) => states
                .iter()
                .map(|(name, state)| Ok((name.clone(), StateMeta::parse(state)?)))
                .collect::<Result<_, &'static str>>()?,
            Some(_) => return Err("`gatos.states` is no set"),
        };
        let fold = match (text(entries, "foldName")?, text(entries, "fold")?) {
            (Some(name), Some(source)) => Some((name, source)),
            (None, None) => None,
            _ => return Err("`gatos.fold` and `gatos.foldName` must be given together"),
        };
        Ok(Self {
            name: text(entries, "name")?.ok_or("it has no `gatos.name`")?,
            states,
            journal: text(entries, "journal")?,
            fold,
            timeout: timeout(entries)?,
        })
    }
}

impl StateMeta {
    fn parse(value: &Value) -> Result<Self, &'static str> {
        let Value::Object(entries) = value else {
            return Err("a state of `gatos.states` is no set");
        };
        let need =
            |name| text(entries, name)?.ok_or("a state lacks `journal`, `fold` or `foldName`");
        Ok(Self {
            journal: need("journal")?,
            fold_name: need("foldName")?,
            fold: need("fold")?,
        })
    }
}

fn text(entries: &Map<String, Value>, name: &str) -> Result<Option<String>, &'static str> {
    match entries.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err("a text of its attribute `gatos` is none"),
    }
}

fn timeout(entries: &Map<String, Value>) -> Result<Option<Duration>, &'static str> {
    match entries.get("timeout") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64() {
            Some(seconds @ 1..) => Ok(Some(Duration::from_secs(seconds))),
            _ => Err("`gatos.timeout` is no positive number of seconds"),
        },
    }
}
