//! What was found out about one update of a push.

use crate::cbor::{FieldError, Fields};
use crate::value::Value;

/// What an object is that a ref shall point to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Target {
    /// A commit
    Commit,
    /// An annotated tag
    Tag,
    /// A tree
    Tree,
    /// A blob
    Blob,
    /// It is not there
    Missing,
}

/// What would become of the ref.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Change {
    /// It is made
    Created,
    /// It goes on: the new commit has the old one in its history
    Forward,
    /// It goes back or elsewhere
    Rewound,
    /// Nobody can tell within the limits of the gate
    Unknown,
    /// It goes
    Deleted,
}

macro_rules! word {
    ($name:ident { $($variant:ident = $word:literal),* }) => {
        impl $name {
            /// The word for it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            fn of(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

word! { Target { Commit = "commit", Tag = "tag", Tree = "tree", Blob = "blob", Missing = "missing" } }
word! { Change {
    Created = "created", Forward = "forward", Rewound = "rewound", Unknown = "unknown",
    Deleted = "deleted"
} }

/// What is wrong with what a ref would hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Flaw {
    /// Which of the gate's rules says so, such as `gate.journal`
    pub rule: String,
    /// What is wrong
    pub message: String,
    /// What would help, where that is known
    pub next: Option<String>,
}

/// What was found out about one update of a push.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Facts {
    /// The ref
    pub name: String,
    /// Where it is, as a Git object id
    pub old: Option<String>,
    /// Where it shall be, as a Git object id
    pub new: Option<String>,
    /// Whether the repository has GATOS history, before the push or with it
    pub founded: bool,
    /// What the ref on the server points to, if it is symbolic
    pub symbolic: Option<String>,
    /// A ref on the server whose name differs in case only
    pub twin: Option<String>,
    /// What the new object is; none if there is none
    pub target: Option<Target>,
    /// What would become of the ref
    pub change: Change,
    /// Whether a commit with several parents would come into the ref
    pub merge: bool,
    /// What is wrong with what it would hold
    pub flaw: Option<Flaw>,
}

impl Facts {
    /// The value that is kept with a refusal.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let maybe = |text: &Option<String>| text.as_ref().map_or(Value::Null, Value::text);
        Value::map([
            ("v", Value::Integer(1)),
            ("ref", Value::text(&self.name)),
            ("old", maybe(&self.old)),
            ("new", maybe(&self.new)),
            ("founded", Value::Bool(self.founded)),
            ("symbolic", maybe(&self.symbolic)),
            ("twin", maybe(&self.twin)),
            (
                "target",
                self.target.map_or(Value::Null, |t| Value::text(t.as_str())),
            ),
            ("change", Value::text(self.change.as_str())),
            ("merge", Value::Bool(self.merge)),
            (
                "flaw",
                self.flaw.as_ref().map_or(Value::Null, Flaw::to_value),
            ),
        ])
    }

    /// Read the value back.
    ///
    /// # Errors
    /// A field that is missing, unknown or of another kind.
    pub fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("facts of a push", value)?;
        if fields.integer("v")? != 1 {
            return Err(fields.content("v", "1"));
        }
        let target = match maybe(&mut fields, "target")? {
            None => None,
            Some(text) => Some(
                Target::of(&text).ok_or_else(|| fields.content("target", "a kind of object"))?,
            ),
        };
        let change = Change::of(&fields.text("change")?)
            .ok_or_else(|| fields.content("change", "a change of a ref"))?;
        let flaw = match fields.value("flaw")? {
            Value::Null => None,
            value => Some(Flaw::from_value(value)?),
        };
        let facts = Self {
            name: fields.text("ref")?,
            old: maybe(&mut fields, "old")?,
            new: maybe(&mut fields, "new")?,
            founded: fields.boolean("founded")?,
            symbolic: maybe(&mut fields, "symbolic")?,
            twin: maybe(&mut fields, "twin")?,
            target,
            change,
            merge: fields.boolean("merge")?,
            flaw,
        };
        fields.finish()?;
        Ok(facts)
    }
}

impl Flaw {
    fn to_value(&self) -> Value {
        Value::map([
            ("rule", Value::text(&self.rule)),
            ("message", Value::text(&self.message)),
            ("next", self.next.as_ref().map_or(Value::Null, Value::text)),
        ])
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("flaw", value)?;
        let flaw = Self {
            rule: fields.text("rule")?,
            message: fields.text("message")?,
            next: maybe(&mut fields, "next")?,
        };
        fields.finish()?;
        Ok(flaw)
    }
}

/// Take a text or null.
pub(crate) fn maybe(
    fields: &mut Fields,
    field: &'static str,
) -> Result<Option<String>, FieldError> {
    match fields.value(field)? {
        Value::Null => Ok(None),
        Value::Text(text) => Ok(Some(text)),
        _ => Err(fields.content(field, "a text or null")),
    }
}
