//! The crate against a real Nix, in stores that are thrown away.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests run Nix and make files"
)]

mod cache;
mod clean_room;
mod derivation;
mod evaluate;
mod find;
mod job;
mod limits;
mod nar;
mod nondeterminism;
mod realise;
mod stage;
