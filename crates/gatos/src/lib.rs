//! The operations of a GATOS repository: what the command line and the daemon both call.
//!
//! A [`Repository`] is opened where a Git repository is; every operation is a function of a module
//! that has the operation's noun: [`journal`], [`fold`], [`bisect`], [`experiment`], [`evidence`], [`policy`],
//! [`governance`], [`verify`].

#![expect(
    clippy::disallowed_methods,
    reason = "adapter: reads files, asks the clock and the random source"
)]

pub mod bisect;
mod clock;
pub mod daemon;
mod error;
pub mod evidence;
pub mod experiment;
pub mod fold;
pub mod gate;
pub mod governance;
pub mod journal;
pub mod policy;
pub mod profile;
mod progress;
pub mod repository;
pub mod rpc;
pub mod signer;
pub mod study;
pub mod verify;

pub use gatos_core::cid::Cid;
pub use gatos_core::id::RepoId;
pub use gatos_core::journal::{Event, MAX_BATCH_EVENTS};
pub use gatos_core::json;
pub use gatos_core::keys::{KnownKeys, PublicKey, Signer};
pub use gatos_core::name::{ActorName, ItemName, JournalName, NameError, StateName};
pub use gatos_core::policy::Requirement;
pub use gatos_core::state::StatePath;
pub use gatos_core::statement::Signed;
pub use gatos_core::ulid::Ulid;
pub use gatos_core::value::Value;
pub use gatos_nix::Cancel;

pub use self::clock::{new_ulid, now_ms};
pub use self::error::{Error, ErrorKind};
pub use self::progress::{Progress, Unwatched};
pub use self::repository::Repository;
