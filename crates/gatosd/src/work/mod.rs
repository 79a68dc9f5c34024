//! What is done for those who are connected, each kind by a thread of its own.

mod append;
mod fold;
mod follow;

pub(crate) use self::append::{Append, append_all};
pub(crate) use self::fold::{Fold, fold_all, keep};
pub(crate) use self::follow::follow;
