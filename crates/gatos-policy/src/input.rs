//! The document that rules see as `input`. `docs/spec/policy.md#input`.

use gatos_core::cbor;
use gatos_core::cid::Cid;
use gatos_core::value::{Map, Value};

use crate::intent::{ACTOR, APPROVAL, GRANT, Intent, Kind, SHARED};

/// Largest input, in bytes of its encoding.
pub(crate) const MAX_INPUT_BYTES: usize = 2 << 20;
/// The version of the input document.
const VERSION: i64 = 1;

/// Why a value is no input.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InputError {
    /// Not a map, or without an intent that is known
    #[error("an input is a map whose `intent` is one of those of docs/spec/policy.md")]
    Intent,
    /// A version that this program does not know
    #[error("the input's `v` is not 1")]
    Version,
    /// A field is not there
    #[error("an input of `{intent}` lacks the field `{field}`")]
    Missing {
        /// What somebody wants to do
        intent: Intent,
        /// The field
        field: &'static str,
    },
    /// A field that there is not
    #[error("an input of `{intent}` has no field `{field}`")]
    Unknown {
        /// What somebody wants to do
        intent: Intent,
        /// The field
        field: String,
    },
    /// A field of another kind
    #[error("the field `{field}` of an input of `{intent}` is not {want}")]
    Kind {
        /// What somebody wants to do
        intent: Intent,
        /// The field
        field: &'static str,
        /// What it should be
        want: &'static str,
    },
    /// Too many bytes
    #[error("an input has {found} bytes, more than the {max} allowed")]
    Size {
        /// Bytes
        found: usize,
        /// Most bytes
        max: usize,
    },
}

/// What somebody wants to do, with all facts that rules may look at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Input {
    intent: Intent,
    value: Value,
    id: Cid,
}

impl Input {
    /// The input with these fields; `v` and `intent` are put in.
    ///
    /// # Errors
    /// A field that is missing, unknown or of another kind, or too many bytes.
    pub fn new<K: Into<String>>(
        intent: Intent,
        fields: impl IntoIterator<Item = (K, Value)>,
    ) -> Result<Self, InputError> {
        let mut map: Map = fields.into_iter().map(|(k, v)| (k.into(), v)).collect();
        map.insert("v", Value::Integer(VERSION));
        map.insert("intent", Value::text(intent.as_str()));
        Self::from_value(Value::Map(map))
    }

    /// As [`new`](Self::new), where a field that is not given has a neutral value: what tests are
    /// written with.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_defaults<K: Into<String>>(
        intent: Intent,
        fields: impl IntoIterator<Item = (K, Value)>,
    ) -> Result<Self, InputError> {
        let mut map: Map = fields.into_iter().map(|(k, v)| (k.into(), v)).collect();
        for (name, kind) in SHARED.iter().chain(intent.fields()) {
            if map.get(name).is_none() {
                map.insert(*name, neutral(*kind));
            }
        }
        map.insert("v", Value::Integer(VERSION));
        map.insert("intent", Value::text(intent.as_str()));
        let nested: [(&str, &[(&'static str, Kind)]); 1] = [("actor", ACTOR)];
        for (field, shape) in nested {
            if let Some(Value::Map(mut inner)) = map.remove(field) {
                for (name, kind) in shape {
                    if inner.get(name).is_none() {
                        inner.insert(*name, neutral(*kind));
                    }
                }
                map.insert(field, Value::Map(inner));
            }
        }
        Self::from_projection(Value::Map(map))
    }

    /// Read a value back.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn from_value(value: Value) -> Result<Self, InputError> {
        let intent = intent_of(&value)?;
        let Value::Map(map) = &value else {
            return Err(InputError::Intent);
        };
        if map.get("v") != Some(&Value::Integer(VERSION)) {
            return Err(InputError::Version);
        }
        check_fields(intent, map, &[SHARED, intent.fields()])?;
        if let Some(Value::Map(actor)) = map.get("actor") {
            check_fields(intent, actor, &[ACTOR])?;
        }
        for (field, shape) in [("approvals", APPROVAL), ("grants", GRANT)] {
            if let Some(Value::List(items)) = map.get(field) {
                for item in items {
                    let Value::Map(item) = item else { continue };
                    check_fields(intent, item, &[shape])?;
                }
            }
        }
        check_groups(intent, map)?;
        let bytes = cbor::encode(&value);
        if bytes.len() > MAX_INPUT_BYTES {
            return Err(InputError::Size {
                found: bytes.len(),
                max: MAX_INPUT_BYTES,
            });
        }
        let id = Cid::of_dag_cbor(&bytes);
        Ok(Self { intent, value, id })
    }

    /// Read what people write: as [`from_value`](Self::from_value), with links as text.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn from_projection(value: Value) -> Result<Self, InputError> {
        let intent = intent_of(&value)?;
        let Value::Map(mut map) = value else {
            return Err(InputError::Intent);
        };
        for (name, kind) in SHARED.iter().chain(intent.fields()) {
            link_text(&mut map, name, *kind);
        }
        if let Some(Value::List(items)) = map.remove("grants") {
            let linked = items.into_iter().map(|item| match item {
                Value::Map(mut grant) => {
                    for (name, kind) in GRANT {
                        link_text(&mut grant, name, *kind);
                    }
                    Value::Map(grant)
                }
                other => other,
            });
            let linked = Value::list(linked);
            map.insert("grants", linked);
        }
        Self::from_value(Value::Map(map))
    }

    /// What somebody wants to do.
    #[must_use]
    pub const fn intent(&self) -> Intent {
        self.intent
    }

    /// The whole document.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.value
    }

    /// Its canonical bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::encode(&self.value)
    }

    /// The content id of its bytes.
    #[must_use]
    pub const fn id(&self) -> Cid {
        self.id
    }

    /// The field that a rule's scope is compared with.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.text(self.intent.subject_field()).unwrap_or_default()
    }

    /// The proposal that this is about, if any.
    #[must_use]
    pub fn proposal(&self) -> Option<Cid> {
        match self.field("proposal") {
            Some(Value::Link(cid)) => Some(*cid),
            _ => None,
        }
    }

    /// One field of the document.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        match &self.value {
            Value::Map(map) => map.get(name),
            _ => None,
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        match self.field(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }
}

fn intent_of(value: &Value) -> Result<Intent, InputError> {
    let Value::Map(map) = value else {
        return Err(InputError::Intent);
    };
    match map.get("intent") {
        Some(Value::Text(text)) => text.parse().map_err(|_| InputError::Intent),
        _ => Err(InputError::Intent),
    }
}

fn check_fields(
    intent: Intent,
    map: &Map,
    shapes: &[&[(&'static str, Kind)]],
) -> Result<(), InputError> {
    let fields = || shapes.iter().flat_map(|shape| shape.iter());
    for (field, kind) in fields() {
        let value = map
            .get(field)
            .ok_or(InputError::Missing { intent, field })?;
        if !kind.accepts(value) {
            let want = kind.want();
            return Err(InputError::Kind {
                intent,
                field,
                want,
            });
        }
    }
    let unknown = map.keys().find(|key| !fields().any(|(f, _)| f == key));
    match unknown {
        Some(field) => Err(InputError::Unknown {
            intent,
            field: field.to_owned(),
        }),
        None => Ok(()),
    }
}

fn check_groups(intent: Intent, map: &Map) -> Result<(), InputError> {
    let Some(Value::Map(groups)) = map.get("groups") else {
        return Ok(());
    };
    if groups
        .iter()
        .all(|(_, members)| Kind::Texts.accepts(members))
    {
        return Ok(());
    }
    Err(InputError::Kind {
        intent,
        field: "groups",
        want: "a map from groups to lists of actors",
    })
}

fn link_text(map: &mut Map, name: &str, kind: Kind) {
    if !matches!(kind, Kind::Link | Kind::MaybeLink) {
        return;
    }
    let Some(Value::Text(text)) = map.get(name) else {
        return;
    };
    if let Ok(cid) = text.parse::<Cid>() {
        map.insert(name, Value::Link(cid));
    }
}

fn neutral(kind: Kind) -> Value {
    match kind {
        Kind::Text => Value::text(""),
        Kind::MaybeText | Kind::MaybeLink | Kind::MaybeInteger | Kind::Any => Value::Null,
        Kind::Link => Value::Link(Cid::of_raw(b"")),
        Kind::Bool => Value::Bool(false),
        Kind::Count => Value::Integer(0),
        Kind::Map => Value::Map(Map::default()),
        Kind::Texts | Kind::Maps => Value::list([]),
    }
}

impl Kind {
    fn accepts(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Any, _)
            | (Self::Text | Self::MaybeText, Value::Text(_))
            | (Self::Link | Self::MaybeLink, Value::Link(_))
            | (Self::MaybeText | Self::MaybeLink | Self::MaybeInteger, Value::Null)
            | (Self::Bool, Value::Bool(_))
            | (Self::MaybeInteger, Value::Integer(_))
            | (Self::Map, Value::Map(_)) => true,
            (Self::Count, Value::Integer(count)) => *count >= 0,
            (Self::Texts, Value::List(items)) => {
                items.iter().all(|item| matches!(item, Value::Text(_)))
            }
            (Self::Maps, Value::List(items)) => {
                items.iter().all(|item| matches!(item, Value::Map(_)))
            }
            _ => false,
        }
    }

    const fn want(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::MaybeText => "a text or null",
            Self::Link => "a link",
            Self::MaybeLink => "a link or null",
            Self::Bool => "a boolean",
            Self::Count => "zero or more",
            Self::MaybeInteger => "an integer or null",
            Self::Map => "a map",
            Self::Texts => "a list of texts",
            Self::Maps => "a list of maps",
            Self::Any => "a value",
        }
    }
}
