//! What is done for those who are connected, each kind by a thread of its own.

mod append;
mod fold;
mod follow;
mod govern;
mod watch;

pub(crate) use self::append::{Append, Recording, record_all};
pub(crate) use self::fold::{Fold, fold_all, keep};
pub(crate) use self::follow::follow;
pub(crate) use self::govern::Govern;
pub(crate) use self::watch::{Watch, announce, watch};
