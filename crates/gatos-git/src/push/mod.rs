//! What a push asks for: ref updates as Git's hooks are told of them, and applying all or none.

mod apply;
mod error;
pub mod packet;
mod read;
mod remote;
#[cfg(test)]
mod tests;
mod version;

pub use self::apply::{Reported, apply_updates};
pub use self::error::{ApplyError, PushError};
pub use self::read::{MAX_UPDATES, read_updates};
pub use self::remote::{RemoteError, checked_out, remote_refs, resolve};
pub use self::version::{GitVersion, git_version};

use crate::name::FullName;
use crate::object::ObjectId;

/// One ref that a push would move.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct RefUpdate {
    /// The ref
    pub name: FullName,
    /// Where the client says it is; `None` if it is to be made
    pub old: Option<ObjectId>,
    /// Where it shall be; `None` if it is to be deleted
    pub new: Option<ObjectId>,
}
