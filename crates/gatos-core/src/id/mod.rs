//! What a content id names: one type for each kind of thing, so that none passes for another.

use std::fmt;
use std::str::FromStr;

use crate::cid::{Cid, CidError};
use crate::value::Value;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(Cid);

        impl $name {
            /// The content id.
            #[must_use]
            pub const fn cid(&self) -> Cid {
                self.0
            }
        }

        impl From<Cid> for $name {
            fn from(cid: Cid) -> Self {
                Self(cid)
            }
        }

        impl From<$name> for Value {
            fn from(id: $name) -> Self {
                Self::Link(id.0)
            }
        }

        impl FromStr for $name {
            type Err = CidError;

            fn from_str(text: &str) -> Result<Self, CidError> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )* };
}

id! {
    /// A repository: the id of its genesis statement.
    RepoId;
    /// Any signed statement: the id of its payload.
    StatementId;
    /// An event in a journal: the id of its payload.
    EventId;
    /// A policy bundle: the id of its payload.
    PolicyRoot;
    /// The compiled rules of a policy.
    PolicyCodeRoot;
    /// A compiled fold program.
    FoldRoot;
    /// A state: the root of its tree.
    StateRoot;
    /// The list of a job's inputs.
    InputsRoot;
    /// The list of a job's outputs.
    OutputsRoot;
    /// A program without its data.
    BuilderId;
}
