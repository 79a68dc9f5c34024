//! What documents show is so: programs in them are run, and commands in them exist.
//!
//! That the sessions of the front page and of the guides work from the first line to the last is tested with
//! the command line, in `crates/git-gatos/tests/it/sessions.rs`.

mod commands;
mod lab;
mod page;
mod proofs;
mod python;
mod state_proofs;
