//! The operations of journals: append, import, list, prove, verify.

mod admit;
mod append;
mod appender;
mod identifiers;
mod import;
mod prove;
mod read;

use gatos_core::name::JournalName;
use gatos_git::RefName;

use crate::error::Error;
use crate::repository::ledger::ref_name;

pub use self::admit::admit;
pub use self::append::{AppendReport, Draft, append, append_signed, sign};
pub(crate) use self::append::{acting, read_event, size};
pub use self::appender::Appender;
pub use self::import::{ImportFormat, drafts, import};
pub(crate) use self::import::{draft_of_line, draft_of_value};
pub use self::prove::{ProofDocument, ProofReport, Which, check_proof, prove, prove_consistency};
pub use self::read::{
    EventDetail, EventView, JournalView, Order, Range, batches, journals, list, show,
};
pub(crate) use self::read::{
    Tail, exists, identifiers, raw_json, read_batch, stored_batches, tail, tip, walk_back,
};
pub use self::read::{Tip, at};

/// What stands before a journal's name in its ref.
pub const JOURNAL_REF_PREFIX: &str = "refs/gatos/journal/";

/// The ref of a journal.
pub(crate) fn journal_ref(name: &JournalName) -> Result<RefName, Error> {
    ref_name(&format!("{JOURNAL_REF_PREFIX}{name}"))
}
