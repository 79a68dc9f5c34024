//! One thing that happened, as its actor signed it.

use crate::cbor::{FieldError, Fields, Rest, Sink, write, write_count, write_link, write_text};
use crate::envelope::Kind;
use crate::id::{PolicyRoot, RepoId};
use crate::name::{ActorName, JournalName};
use crate::statement::Statement;
use crate::ulid::Ulid;
use crate::value::Value;

/// Longest type of an event, in bytes.
pub const MAX_EVENT_TYPE_BYTES: usize = 120;

/// An event. It does not say where in the journal it stands, so that a client that lost a race can
/// append it, unchanged, after the winner's; `(journal, ulid)` is its idempotency key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// The repository
    pub repo: RepoId,
    /// The journal that it is for
    pub journal: JournalName,
    /// Its identifier in the journal
    pub ulid: Ulid,
    /// What kind of thing happened
    pub event_type: String,
    /// Who says so
    pub actor: ActorName,
    /// What happened
    pub payload: Value,
    /// When it happened, in milliseconds since 1970, where the actor says so
    pub ts: Option<i64>,
    /// The policy in force when it was signed
    pub policy: PolicyRoot,
}

impl Event {
    /// Whether another event says the same thing, whatever policy each was signed under.
    #[must_use]
    pub fn same_content(&self, other: &Self) -> bool {
        (&self.event_type, &self.actor, &self.payload, self.ts)
            == (&other.event_type, &other.actor, &other.payload, other.ts)
    }

    /// Write the bytes of [`to_value`](Statement::to_value), whose payload is not copied.
    fn write(&self, out: &mut impl Sink) {
        const MAP: u8 = 5;
        write_count(out, MAP, if self.ts.is_some() { 8 } else { 7 });
        if let Some(ts) = self.ts {
            write_text(out, "ts");
            write(out, &Value::Integer(ts));
        }
        write_text(out, "repo");
        write_link(out, &self.repo.cid());
        write_text(out, "type");
        write_text(out, &self.event_type);
        write_text(out, "ulid");
        write_text(out, &self.ulid.to_string());
        write_text(out, "actor");
        write_text(out, self.actor.as_str());
        write_text(out, "policy");
        write_link(out, &self.policy.cid());
        write_text(out, "journal");
        write_text(out, self.journal.as_str());
        write_text(out, "payload");
        write(out, &self.payload);
    }

    /// What a fold sees of it, at `index` of its journal.
    #[must_use]
    pub fn to_fold_input(&self, index: u64) -> Value {
        self.clone().into_fold_input(index)
    }

    /// As [`to_fold_input`](Self::to_fold_input), whose payload is moved, not copied.
    #[must_use]
    pub fn into_fold_input(self, index: u64) -> Value {
        let entries = [
            ("type", Value::text(self.event_type)),
            ("ulid", Value::text(self.ulid.to_string())),
            ("actor", Value::text(self.actor.as_str())),
            ("payload", self.payload),
            ("index", Value::count(index)),
        ];
        Value::map(
            entries
                .into_iter()
                .chain(self.ts.map(|ts| ("ts", Value::Integer(ts)))),
        )
    }
}

impl Statement for Event {
    const KIND: Kind = Kind::Event;

    fn to_value(&self) -> Value {
        let entries = [
            ("repo", self.repo.into()),
            ("journal", Value::text(self.journal.as_str())),
            ("ulid", Value::text(self.ulid.to_string())),
            ("type", Value::text(&self.event_type)),
            ("actor", Value::text(self.actor.as_str())),
            ("payload", self.payload.clone()),
            ("policy", self.policy.into()),
        ];
        Value::map(
            entries
                .into_iter()
                .chain(self.ts.map(|ts| ("ts", Value::Integer(ts)))),
        )
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes
    }

    fn is_encoded_as(&self, payload: &[u8]) -> bool {
        let mut rest = Rest::of(payload);
        self.write(&mut rest);
        rest.is_all()
    }

    fn from_value(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::of("event", value)?;
        let ts = match fields.optional("ts") {
            None => None,
            Some(Value::Integer(ts)) => Some(ts),
            Some(_) => return Err(fields.content("ts", "an integer of milliseconds")),
        };
        let ulid_text = fields.text("ulid")?;
        let ulid: Ulid = ulid_text
            .parse()
            .map_err(|_| fields.content("ulid", "a ULID"))?;
        if ulid.to_string() != ulid_text {
            return Err(fields.content("ulid", "a ULID in upper case"));
        }
        let event_type = fields.text("type")?;
        if event_type.is_empty() || event_type.len() > MAX_EVENT_TYPE_BYTES {
            return Err(fields.content("type", "1 to 120 bytes long"));
        }
        let event = Self {
            repo: fields.link("repo")?.into(),
            journal: fields.parsed("journal", "a name")?,
            ulid,
            event_type,
            actor: fields.parsed("actor", "a name")?,
            payload: fields.value("payload")?,
            ts,
            policy: fields.link("policy")?.into(),
        };
        fields.finish()?;
        Ok(event)
    }
}

#[cfg(test)]
mod tests {
    //! Unit tests of events.

    use super::Event;
    use crate::cbor;
    use crate::cid::Cid;
    use crate::statement::Statement as _;
    use crate::value::Value;

    #[test]
    fn an_event_is_encoded_as_its_value_and_as_nothing_else() {
        for ts in [None, Some(0), Some(-1), Some(i64::MAX)] {
            let event = Event {
                repo: Cid::of_raw(b"repo").into(),
                journal: "a/journal".parse().unwrap(),
                ulid: "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
                event_type: "a type".to_owned(),
                actor: "somebody".parse().unwrap(),
                payload: Value::map([("n", Value::from(1)), ("text", Value::text("t"))]),
                ts,
                policy: Cid::of_raw(b"policy").into(),
            };
            let bytes = cbor::encode(&event.to_value());
            assert_eq!(event.encode(), bytes);
            assert!(event.is_encoded_as(&bytes));
            for at in 0..bytes.len() {
                assert!(!event.is_encoded_as(&bytes[..at]));
                let mut changed = bytes.clone();
                changed[at] ^= 1;
                assert!(!event.is_encoded_as(&changed));
            }
            assert!(!event.is_encoded_as(&[bytes.as_slice(), b"\0"].concat()));
        }
    }
}
