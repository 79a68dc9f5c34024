//! The gate of a server: what a push would do is judged before Git accepts it, all of it is applied or
//! none, and a refusal is kept as evidence. `docs/spec/gate.md`.
//!
//! Git runs three hooks. *pre-receive* reads the push where Git keeps it apart, judges every update and
//! leaves a ticket if nothing is wrong. *proc-receive* takes the ticket and lets Git move all refs in one
//! transaction, with the policy that was judged by locked in its place. *reference-transaction* looks
//! once more, under these locks, and stands in the way of every other command of Git on the server.

mod content;
mod court;
mod denial;
mod facts;
mod governance;
mod hook;
mod install;
mod journal;
mod lock;
mod place;
mod range;
mod record;
mod rules;
mod settings;
mod signature;
mod state;
mod tally;
mod ticket;

pub use self::denial::{DenialView, Replay, denials, explain};
pub use self::hook::{Answer, Surroundings, pre_receive, proc_receive, reference_transaction};
pub use self::install::{
    CheckReport, Finding, InstallReport, Options, Overwrite, check_installation, install,
};
pub use self::range::{
    Candidate, Elsewhere, RangeReport, Refused, check_push, check_range, planned_push,
};
pub(crate) use self::rules::{MAX_WALK, commit_of};
