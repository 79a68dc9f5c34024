//! Journals: events in one total order, in batches. `docs/spec/journal.md`.

mod batch;
mod event;

pub use self::batch::{Batch, BatchError, Head, MAX_BATCH_BYTES, MAX_BATCH_EVENTS};
pub use self::event::{Event, MAX_EVENT_TYPE_BYTES};
