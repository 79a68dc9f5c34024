//! What the daemon says: lines for requests, and how a program reads them.
//!
//= spec/rpc.md#answers

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Code, Id, MAX_LINE_BYTES, Refusal};
use crate::error::Error;

/// A line to be sent, with its line break.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer(Vec<u8>);

/// Something that is said of a request before its answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Note {
    /// It was taken on
    Ack,
    /// How far it is
    Progress,
    /// One of the things that were asked for
    Item,
}

impl Answer {
    /// The last line of a request that was done.
    pub fn done(id: &Id, result: &impl Serialize) -> Self {
        #[derive(Serialize)]
        struct Done<'a, T> {
            ok: bool,
            id: &'a Id,
            result: &'a T,
        }
        let ok = true;
        Self::of(Some(id), &Done { ok, id, result })
    }

    /// A line before the last one.
    pub fn note(id: &Id, note: Note, content: &impl Serialize) -> Self {
        #[derive(Serialize)]
        struct Noted<'a, T> {
            id: &'a Id,
            #[serde(skip_serializing_if = "Option::is_none")]
            ack: Option<&'a T>,
            #[serde(skip_serializing_if = "Option::is_none")]
            progress: Option<&'a T>,
            #[serde(skip_serializing_if = "Option::is_none")]
            item: Option<&'a T>,
        }
        let when = |which: Note| (note == which).then_some(content);
        let noted = Noted {
            id,
            ack: when(Note::Ack),
            progress: when(Note::Progress),
            item: when(Note::Item),
        };
        Self::of(Some(id), &noted)
    }

    /// The last line of a request that was refused or failed.
    #[must_use]
    pub fn refused(refusal: &Refusal) -> Self {
        #[derive(Serialize)]
        struct Refused<'a> {
            ok: bool,
            id: Option<&'a Id>,
            code: &'a str,
            reason: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            hint: Option<&'a str>,
        }
        let refused = Refused {
            ok: false,
            id: refusal.id.as_ref(),
            code: refusal.code.as_str(),
            reason: &refusal.reason,
            hint: refusal.hint.as_deref(),
        };
        // Texts are what JSON holds; ours are shorter than a line may be.
        let mut line = serde_json::to_vec(&refused).unwrap_or_default();
        line.push(b'\n');
        Self(line)
    }

    /// The last line of a request whose operation failed.
    #[must_use]
    pub fn failed(id: &Id, error: &Error) -> Self {
        Self::refused(&Refusal {
            id: Some(id.clone()),
            code: Code::Operation(error.kind()),
            reason: error.full_message(),
            hint: error.nearest_hint().map(str::to_owned),
        })
    }

    /// The bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn of(id: Option<&Id>, line: &impl Serialize) -> Self {
        let refuse = |code, reason| Self::refused(&Refusal::new(id.cloned(), code, reason));
        match serde_json::to_vec(line) {
            Err(error) => {
                let code = Code::Operation(crate::ErrorKind::Failed);
                refuse(code, format!("cannot write the answer: {error}"))
            }
            Ok(bytes) if bytes.len() >= MAX_LINE_BYTES => {
                let size = bytes.len();
                refuse(
                    Code::TooLong,
                    format!(
                        "the answer has {size} bytes, more than the {MAX_LINE_BYTES} of a line"
                    ),
                )
            }
            Ok(mut bytes) => {
                bytes.push(b'\n');
                Self(bytes)
            }
        }
    }
}

/// A line of the daemon, as a program reads it.
#[derive(Debug)]
pub struct Message {
    /// The request that it is about; none if the line could not be told apart
    pub id: Option<Id>,
    /// What it says
    pub body: Body,
}

/// What a line of the daemon says.
#[derive(Debug)]
pub enum Body {
    /// The request was done
    Done(Box<RawValue>),
    /// The request was refused or failed
    Refused(Refusal),
    /// More will follow
    Note(Note, Box<RawValue>),
}

impl Message {
    /// Read a line of the daemon; `None` if it is no such line.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Line {
            id: Option<Id>,
            ok: Option<bool>,
            result: Option<Box<RawValue>>,
            code: Option<String>,
            reason: Option<String>,
            hint: Option<String>,
            ack: Option<Box<RawValue>>,
            progress: Option<Box<RawValue>>,
            item: Option<Box<RawValue>>,
        }
        let line: Line = serde_json::from_str(line).ok()?;
        let id = line.id;
        let body = match line.ok {
            Some(true) => Body::Done(line.result?),
            Some(false) => Body::Refused(Refusal {
                id: id.clone(),
                code: Code::of_word(&line.code?),
                reason: line.reason?,
                hint: line.hint,
            }),
            None => {
                let ack = line.ack.map(|content| (Note::Ack, content));
                let progress = line.progress.map(|content| (Note::Progress, content));
                let item = line.item.map(|content| (Note::Item, content));
                let (note, content) = ack.or(progress).or(item)?;
                Body::Note(note, content)
            }
        };
        Some(Self { id, body })
    }
}
