//! The rules, in the order in which they are asked; the first that says no decides.

use super::{Change, Facts, Target};
use crate::cbor::{FieldError, Fields};
use crate::gate::facts::maybe;
use crate::place::{Movement, Place};
use crate::value::Value;

/// Where the reasons for the gate's own rules are written down.
const ADR: &str = "docs/spec/gate.md#rules";

/// Why an update may not be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reason {
    /// The rule that says no
    pub rule: String,
    /// Where it is written down why there is such a rule
    pub adr: Option<String>,
    /// What is wrong
    pub message: String,
    /// The least that would have to be otherwise
    pub missing: Option<String>,
    /// What to do next
    pub next: Option<String>,
}

impl Reason {
    fn new(rule: &str, message: impl Into<String>) -> Self {
        Self {
            rule: rule.to_owned(),
            adr: Some(ADR.to_owned()),
            message: message.into(),
            missing: None,
            next: None,
        }
    }

    fn missing(mut self, missing: impl Into<String>) -> Self {
        self.missing = Some(missing.into());
        self
    }

    fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// The value that is kept with a refusal.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let maybe = |text: &Option<String>| text.as_ref().map_or(Value::Null, Value::text);
        Value::map([
            ("v", Value::Integer(1)),
            ("verdict", Value::text("deny")),
            ("rule", Value::text(&self.rule)),
            ("adr", maybe(&self.adr)),
            ("message", Value::text(&self.message)),
            ("missing", maybe(&self.missing)),
            ("next", maybe(&self.next)),
        ])
    }

    /// Read the value back.
    ///
    /// # Errors
    /// A field that is missing, unknown or of another kind.
    pub fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("decision of the gate", value)?;
        if fields.integer("v")? != 1 || fields.text("verdict")? != "deny" {
            return Err(fields.content("v", "1, and `verdict` is `deny`"));
        }
        let reason = Self {
            rule: fields.text("rule")?,
            adr: maybe(&mut fields, "adr")?,
            message: fields.text("message")?,
            missing: maybe(&mut fields, "missing")?,
            next: maybe(&mut fields, "next")?,
        };
        fields.finish()?;
        Ok(reason)
    }
}

/// Why an update may not be; `None` if the gate's own rules have nothing against it.
#[must_use]
pub fn judge(facts: &Facts) -> Option<Reason> {
    let place = Place::of(&facts.name);
    name(facts, &place)
        .or_else(|| target(facts, &place))
        .or_else(|| movement(facts, &place))
        .or_else(|| content(facts))
}

fn name(facts: &Facts, place: &Place) -> Option<Reason> {
    let name = &facts.name;
    if let Some(target) = &facts.symbolic {
        return Some(
            Reason::new(
                "gate.symbolic",
                format!("`{name}` is symbolic on the server and would move `{target}`"),
            )
            .missing("a ref that is not symbolic")
            .next(format!("on the server: git symbolic-ref --delete {name}")),
        );
    }
    match place {
        Place::Unlisted => {
            return Some(
                Reason::new("gate.name", format!("`{name}` is no ref that GATOS has"))
                    .missing("a name of the table in docs/spec/refs.md"),
            );
        }
        Place::Harmful => {
            return Some(
                Reason::new(
                    "gate.name",
                    format!("`{name}` is a name that nobody may push"),
                )
                .missing("a name of letters, digits and punctuation under refs/heads or refs/tags"),
            );
        }
        _ => {}
    }
    if let Some(twin) = &facts.twin {
        return Some(
            Reason::new(
                "gate.twin",
                format!("`{name}` differs from `{twin}` in case only"),
            )
            .missing("a name that is its own in any case"),
        );
    }
    (!facts.founded).then(|| {
        Reason::new(
            "gate.founding",
            "this repository has no policy yet, so nothing is allowed",
        )
        .missing("the chain of policies, which the founder pushes first")
        .next("git push <server> 'refs/gatos/*:refs/gatos/*'")
    })
}

fn movement(facts: &Facts, place: &Place) -> Option<Reason> {
    let name = &facts.name;
    let movement = place.movement();
    if movement == Movement::Server {
        return Some(
            Reason::new(
                "gate.server",
                format!("`{name}` is written by the server alone"),
            )
            .missing("nothing: refusals are fetched, not pushed"),
        );
    }
    if matches!(movement, Movement::Free | Movement::Permitted) {
        return None;
    }
    match (movement, facts.change) {
        (_, Change::Deleted) => Some(
            Reason::new("gate.delete", format!("`{name}` is never deleted"))
                .missing("a push that leaves the ref there"),
        ),
        (_, Change::Created) => None,
        (Movement::Once, _) => Some(
            Reason::new(
                "gate.create-only",
                format!("`{name}` is there already and never moves again"),
            )
            .missing("a new name"),
        ),
        (_, Change::Forward) => None,
        (_, _) => Some(
            Reason::new(
                "gate.forward-only",
                format!("`{name}` only moves forward, and this would rewrite it"),
            )
            .missing(format!(
                "{} in the history of the new commit",
                facts.old.as_deref().unwrap_or("the old commit")
            ))
            .next(format!(
                "git fetch <server> {name}, and write on top of that"
            )),
        ),
    }
    .or_else(|| {
        facts.merge.then(|| {
            Reason::new(
                "gate.merge",
                format!("the history of `{name}` is linear, and this has a merge"),
            )
            .missing("commits of one parent each")
        })
    })
}

fn target(facts: &Facts, place: &Place) -> Option<Reason> {
    let allowed: &[Target] = match place {
        Place::Tag | Place::Foreign => &[Target::Commit, Target::Tag],
        _ => &[Target::Commit],
    };
    let target = facts.target?;
    (!allowed.contains(&target)).then(|| {
        let name = &facts.name;
        let what = match target {
            Target::Missing => "an object that is not there".to_owned(),
            other => format!("a {}", other.as_str()),
        };
        Reason::new("gate.target", format!("`{name}` cannot point to {what}")).missing("a commit")
    })
}

fn content(facts: &Facts) -> Option<Reason> {
    let flaw = facts.flaw.as_ref()?;
    Some(Reason {
        next: flaw.next.clone(),
        ..Reason::new(&flaw.rule, &flaw.message)
    })
}
