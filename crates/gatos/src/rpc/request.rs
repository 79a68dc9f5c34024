//! From a line to a request: strict, exact, and with an error that names the field.
//!
//= spec/rpc.md#requests

use data_encoding::BASE64;
use gatos_core::cbor::{FieldError, Fields};
use gatos_core::json;
use gatos_core::name::{JournalName, StateName};
use gatos_core::state::StatePath;
use gatos_core::ulid::Ulid;
use gatos_core::value::{Excerpt, Value};

use super::{Code, MAX_ID_BYTES};
use crate::fold::{At, Point, ProgramSource};
use crate::governance::Parcel;
use crate::journal::{Draft, Which, draft_of_value};

/// What a request is called by whoever sends it; every answer to it says so.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize)]
#[serde(untagged)]
pub enum Id {
    /// An integer
    Number(i64),
    /// A text of at most 64 bytes
    Text(String),
}

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its id
    pub id: Id,
    /// What is asked for
    pub call: Call,
}

/// What can be asked for.
#[derive(Clone, Debug)]
pub enum Call {
    /// Who is there, and do we speak the same protocol?
    Hello {
        /// The version that the program speaks
        protocol: i64,
        /// The repository that it means; whichever the daemon serves if not given
        repo: Option<String>,
    },
    /// Is somebody there?
    Ping,
    /// How is the daemon, and what has it done?
    Status,
    /// Which journals and states are there?
    List,
    /// Record events: signed ones, or drafts that the daemon signs
    Append {
        /// The journal
        journal: JournalName,
        /// Envelopes
        events: Vec<Vec<u8>>,
        /// What the daemon is to sign
        drafts: Vec<Draft>,
    },
    /// Fold a journal into a state
    Fold {
        /// The state
        state: StateName,
        /// The journal and the program; those of the last checkpoint if not given
        source: Option<(JournalName, ProgramSource)>,
    },
    /// Show a state
    ShowState {
        /// Which checkpoint of which state
        point: Point,
        /// Which value of it; all of it for the empty path
        path: StatePath,
    },
    /// Show an event
    ShowEvent {
        /// The journal
        journal: JournalName,
        /// Which event
        which: Which,
    },
    /// Send the events of a journal as they are recorded
    Follow {
        /// The journal
        journal: JournalName,
        /// Index of the first; the next that is recorded if not given
        since: Option<u64>,
        /// Most events
        limit: Option<u64>,
    },
    /// Record a signed statement of governance
    Submit(Parcel),
    /// Show a proposal, or all
    Proposals {
        /// Which: its id, or the beginning of it
        proposal: Option<String>,
    },
    /// Show a grant and check that it counts, or show all
    Grants {
        /// Which: its id, or the beginning of it
        grant: Option<String>,
    },
    /// Send what happens when people agree, as it happens
    Watch {
        /// The series of which `since` is an index; the present one if not given
        series: Option<String>,
        /// Index of the first; the next that happens if not given
        since: Option<u64>,
        /// Most items
        limit: Option<u64>,
    },
    /// End a request that is not answered yet
    Cancel {
        /// Which
        request: Id,
    },
}

/// Why a line is no request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The request's id, if so much could be read
    pub id: Option<Id>,
    /// Why, in one word
    pub code: Code,
    /// Why, for people
    pub reason: String,
    /// What would help
    pub hint: Option<String>,
}

impl Refusal {
    /// A refusal without a hint.
    #[must_use]
    pub const fn new(id: Option<Id>, code: Code, reason: String) -> Self {
        Self {
            id,
            code,
            reason,
            hint: None,
        }
    }
}

impl Request {
    /// Read a line.
    ///
    /// # Errors
    /// A line that is not JSON, has a key twice or nests too deeply; a method that there is not; a
    /// field that is missing, unknown, or not what the method wants.
    pub fn read(line: &str) -> Result<Self, Refusal> {
        let malformed = |reason: String| Refusal::new(None, Code::Malformed, reason);
        let value = json::from_str(line).map_err(|error| malformed(error.to_string()))?;
        let mut fields =
            Fields::of("request", value).map_err(|error| malformed(error.to_string()))?;
        let id = id(&mut fields, "id").map_err(|error| malformed(error.to_string()))?;
        let refuse = |code, reason| Refusal::new(Some(id.clone()), code, reason);
        let method = fields
            .text("method")
            .map_err(|error| refuse(Code::Invalid, error.to_string()))?;
        let call = match call(&method, &mut fields) {
            Some(call) => call.and_then(|call| fields.finish().map(|()| call)),
            None => {
                let reason = format!("there is no method `{}`", Excerpt(&method));
                return Err(refuse(Code::UnknownMethod, reason));
            }
        };
        let call = call.map_err(|error| refuse(Code::Invalid, error.to_string()))?;
        Ok(Self { id, call })
    }
}

/// The fields of a method; `None` if there is no such method.
fn call(method: &str, fields: &mut Fields) -> Option<Result<Call, FieldError>> {
    Some(match method {
        "hello" => hello(fields),
        "ping" => Ok(Call::Ping),
        "status" => Ok(Call::Status),
        "list" => Ok(Call::List),
        "append" => append(fields),
        "fold" => fold(fields),
        "show" => show(fields),
        "follow" => follow(fields),
        "propose" => propose(fields),
        "approve" => envelope(fields, "approval")
            .map(Parcel::Approval)
            .map(Call::Submit),
        "grant" => envelope(fields, "grant")
            .map(Parcel::Grant)
            .map(Call::Submit),
        "revoke" => {
            let revocation = envelope(fields, "revocation");
            revocation.map(Parcel::Revocation).map(Call::Submit)
        }
        "activate" => activate(fields),
        "proposals" => text(fields, "proposal").map(|proposal| Call::Proposals { proposal }),
        "grants" => text(fields, "grant").map(|grant| Call::Grants { grant }),
        "watch" => watch(fields),
        "cancel" => id(fields, "request").map(|request| Call::Cancel { request }),
        _ => return None,
    })
}

fn hello(fields: &mut Fields) -> Result<Call, FieldError> {
    let protocol = fields.integer("protocol")?;
    let repo = text(fields, "repo")?;
    Ok(Call::Hello { protocol, repo })
}

fn id(fields: &mut Fields, field: &'static str) -> Result<Id, FieldError> {
    match fields.value(field)? {
        Value::Integer(number) => Ok(Id::Number(number)),
        Value::Text(text) if text.len() <= MAX_ID_BYTES => Ok(Id::Text(text)),
        _ => Err(fields.content(field, "an integer or a text of at most 64 bytes")),
    }
}

fn append(fields: &mut Fields) -> Result<Call, FieldError> {
    let journal = fields.parsed("journal", "a name")?;
    let events = items(fields, "events")?.into_iter().map(|item| match item {
        Value::Text(text) => BASE64.decode(text.as_bytes()).ok(),
        _ => None,
    });
    let events = events.collect::<Option<Vec<_>>>();
    let events = events.ok_or_else(|| fields.content("events", "a list of envelopes in base64"))?;
    let drafts = items(fields, "drafts")?;
    let drafts = drafts.into_iter().map(|item| draft_of_value(item, None));
    let drafts: Result<Vec<_>, _> = drafts.collect();
    let drafts = drafts.map_err(|_| fields.content("drafts", DRAFTS))?;
    if events.is_empty() && drafts.is_empty() {
        return Err(fields.content("events", "at least one event"));
    }
    Ok(Call::Append {
        journal,
        events,
        drafts,
    })
}

/// What drafts are.
const DRAFTS: &str =
    "a list of objects with `type` and `payload`, and `ulid` and `ts` if wanted, and nothing else";

/// A list that may be left out.
fn items(fields: &mut Fields, field: &'static str) -> Result<Vec<Value>, FieldError> {
    match fields.optional(field) {
        None => Ok(Vec::new()),
        Some(Value::List(items)) => Ok(items),
        Some(_) => Err(fields.content(field, "a list")),
    }
}

fn fold(fields: &mut Fields) -> Result<Call, FieldError> {
    let state = fields.parsed("state", "a name")?;
    let program = match (fields.optional("source"), fields.optional("program")) {
        (None, None) => None,
        (Some(Value::Text(text)), None) => Some(ProgramSource::Source(
            text,
            "the request's source".to_owned(),
        )),
        (None, Some(Value::Text(text))) => {
            let bytes = BASE64.decode(text.as_bytes());
            let bytes = bytes.map_err(|_| fields.content("program", "base64"))?;
            Some(ProgramSource::Compiled(bytes))
        }
        (Some(_), Some(_)) => return Err(fields.content("source", "alone: `program` is there too")),
        (Some(_), None) => return Err(fields.content("source", "a text")),
        (None, Some(_)) => return Err(fields.content("program", "a text in base64")),
    };
    let source = match program {
        None => None,
        Some(program) => Some((fields.parsed("journal", "a name")?, program)),
    };
    Ok(Call::Fold { state, source })
}

fn show(fields: &mut Fields) -> Result<Call, FieldError> {
    if let Some(state) = fields.optional("state") {
        let state = match state {
            Value::Text(text) => text.parse().ok(),
            _ => None,
        };
        let state = state.ok_or_else(|| fields.content("state", "a name"))?;
        let at = count(fields, "at")?.map_or(At::Newest, At::Number);
        let path = match fields.optional("path") {
            None => Some(StatePath::default()),
            Some(Value::Text(text)) => text.parse().ok(),
            Some(_) => None,
        };
        let path = path.ok_or_else(|| fields.content("path", "a path into a state"))?;
        let state = Some(state);
        return Ok(Call::ShowState {
            point: Point { state, at },
            path,
        });
    }
    let journal = fields.parsed("journal", "a name")?;
    let which = match fields.value("event")? {
        Value::Integer(index) => u64::try_from(index).ok().map(Which::Index),
        Value::Text(text) => text.parse::<Ulid>().ok().map(Which::Ulid),
        _ => None,
    };
    let which = which.ok_or_else(|| fields.content("event", "an index or a ULID"))?;
    Ok(Call::ShowEvent { journal, which })
}

fn follow(fields: &mut Fields) -> Result<Call, FieldError> {
    Ok(Call::Follow {
        journal: fields.parsed("journal", "a name")?,
        since: count(fields, "since")?,
        limit: count(fields, "limit")?,
    })
}

fn propose(fields: &mut Fields) -> Result<Call, FieldError> {
    let proposal = envelope(fields, "proposal")?;
    let (bundle, code) = (bytes(fields, "bundle")?, bytes(fields, "code")?);
    let policy = match (bundle, code) {
        (None, None) => None,
        (Some(bundle), Some(code)) => Some((bundle, code)),
        (Some(_), None) => return Err(fields.content("bundle", "together with `code`")),
        (None, Some(_)) => return Err(fields.content("code", "together with `bundle`")),
    };
    Ok(Call::Submit(Parcel::Proposal { proposal, policy }))
}

fn activate(fields: &mut Fields) -> Result<Call, FieldError> {
    Ok(Call::Submit(Parcel::Activation {
        decided: fields.text("decided")?,
        bundle: envelope(fields, "bundle")?,
        activation: envelope(fields, "activation")?,
    }))
}

fn watch(fields: &mut Fields) -> Result<Call, FieldError> {
    let (series, since) = (text(fields, "series")?, count(fields, "since")?);
    if series.is_some() && since.is_none() {
        return Err(fields.content("series", "together with `since`"));
    }
    Ok(Call::Watch {
        series,
        since,
        limit: count(fields, "limit")?,
    })
}

/// An envelope that must be there.
fn envelope(fields: &mut Fields, field: &'static str) -> Result<Vec<u8>, FieldError> {
    match bytes(fields, field)? {
        Some(bytes) => Ok(bytes),
        None => fields.value(field).map(|_| Vec::new()),
    }
}

/// Bytes in base64 that may be left out.
fn bytes(fields: &mut Fields, field: &'static str) -> Result<Option<Vec<u8>>, FieldError> {
    let Some(text) = text(fields, field)? else {
        return Ok(None);
    };
    let bytes = BASE64.decode(text.as_bytes());
    bytes
        .map(Some)
        .map_err(|_| fields.content(field, "bytes in base64"))
}

/// A text that may be left out.
fn text(fields: &mut Fields, field: &'static str) -> Result<Option<String>, FieldError> {
    match fields.optional(field) {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text)),
        Some(_) => Err(fields.content(field, "a text")),
    }
}

/// A number that may be left out.
fn count(fields: &mut Fields, field: &'static str) -> Result<Option<u64>, FieldError> {
    match fields.optional(field) {
        None => Ok(None),
        Some(Value::Integer(number)) => u64::try_from(number)
            .map(Some)
            .map_err(|_| fields.content(field, "zero or more")),
        Some(_) => Err(fields.content(field, "an integer")),
    }
}
