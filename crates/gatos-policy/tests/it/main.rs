//! What the rules of a policy do, seen from outside of the crate.

mod agreement;
mod bounds;
mod compiled;
mod decisions;
mod generated;
mod lab;
mod laws;
mod layout;
mod profile;
mod rego;
mod semantics;
mod templates;
