//! What is in force: who may sign what, and within which limits. `docs/spec/policy-bundle.md`.

mod activation;
mod bundle;
mod profile;
mod trust;

pub use self::activation::{Activation, Anchor, Anchors};
pub use self::bundle::{ACTIVE_REF, Bundle, empty_code};
pub use self::profile::{Durability, Profile, Requirement};
pub use self::trust::{Actor, Role, Trust, TrustError};
