//! What the rules of a policy do, seen from outside of the crate.

mod agreement;
mod bounds;
mod compiled;
mod decisions;
mod lab;
mod layout;
mod profile;
mod rego;
mod semantics;
mod templates;
