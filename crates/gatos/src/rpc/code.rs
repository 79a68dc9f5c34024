//! Why a request was refused, in one word.
//!
//= spec/rpc.md#codes

use crate::error::ErrorKind;

/// Why a request was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Code {
    /// The line is no JSON object of this protocol
    Malformed,
    /// The line is longer than lines may be, or its answer would be
    TooLong,
    /// There is no such method
    UnknownMethod,
    /// A field is missing, unknown, or not what the method wants
    Invalid,
    /// A request with this id is not answered yet
    IdInUse,
    /// The daemon has as much to do as it takes on; the same request may pass later
    Busy,
    /// The daemon is ending and takes on nothing more
    Stopping,
    /// Whoever is at the other end does not read; the connection ends
    Slow,
    /// Another version of the protocol is asked for
    Protocol,
    /// Whoever connected is another user; the connection ends
    Stranger,
    /// History has moved on from where it was when this was signed
    Moved,
    /// The daemon has no key to sign with
    NoKey,
    /// The request was cancelled
    Cancelled,
    /// The operation failed, of the kind that decides a command's exit code
    Operation(ErrorKind),
}

/// Every code with its word, operations apart.
const WORDS: [(Code, &str); 13] = [
    (Code::Malformed, "malformed"),
    (Code::TooLong, "too-long"),
    (Code::UnknownMethod, "unknown-method"),
    (Code::Invalid, "invalid"),
    (Code::IdInUse, "id-in-use"),
    (Code::Busy, "busy"),
    (Code::Stopping, "stopping"),
    (Code::Slow, "slow"),
    (Code::Protocol, "protocol"),
    (Code::Stranger, "stranger"),
    (Code::Moved, "moved"),
    (Code::NoKey, "no-key"),
    (Code::Cancelled, "cancelled"),
];

impl Code {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operation(kind) => kind.as_str(),
            _ => WORDS
                .iter()
                .find(|(code, _)| *code == self)
                .map_or("failed", |(_, word)| word),
        }
    }

    /// The code of a word; one that is not known is a failure.
    #[must_use]
    pub fn of_word(word: &str) -> Self {
        let ours = WORDS.iter().find(|(_, known)| *known == word);
        ours.map_or_else(
            || Self::Operation(ErrorKind::of_word(word)),
            |(code, _)| *code,
        )
    }
}
