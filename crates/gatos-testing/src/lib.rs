//! Hermetic fixtures of GATOS's tests: programs run as jobs run them, with nothing of the person
//! who runs the tests in sight.

#![expect(
    clippy::disallowed_methods,
    reason = "dev only: writes files and starts programs"
)]

mod disk;
mod job;
mod law;

pub use self::disk::{Disk, Ext4, can_mount};
pub use self::job::{Job, JobError, Outputs};
pub use self::law::hold;
