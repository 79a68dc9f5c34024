//! What must hold before anything is built in a clean room.

use super::error::Blocked;
use crate::derivation::{DrvClosure, DrvFile};
use crate::job::opener;
use crate::nix::Settings;

/// Each setting, and the value that it must have. A setting that this Nix does not have is fine
/// where the value is empty.
const REQUIRED: [(&str, &str); 10] = [
    ("sandbox", "true"),
    ("sandbox-fallback", "false"),
    ("sandbox-paths", ""),
    ("substitute", "false"),
    ("substituters", ""),
    ("builders", ""),
    ("fallback", "false"),
    ("pre-build-hook", ""),
    ("post-build-hook", ""),
    ("run-diff-hook", "false"),
];

/// Check the settings in force, as Nix itself told them.
///
/// # Errors
/// The first setting that is not as it must be.
pub fn check_settings(settings: &Settings) -> Result<(), Blocked> {
    for (name, wanted) in REQUIRED {
        let found = settings.get(name).unwrap_or_default();
        if found != wanted {
            return Err(Blocked::Setting {
                name,
                found: found.to_owned(),
                wanted,
            });
        }
    }
    Ok(())
}

/// Check what the derivations ask for.
pub(super) fn check_closure(closure: &DrvClosure, settings: &Settings) -> Result<(), Blocked> {
    for drv in closure.derivations() {
        if let Some(variable) = opener(drv) {
            return Err(Blocked::OpensSandbox {
                derivation: drv.path().clone(),
                variable,
            });
        }
    }
    check_system(closure.root(), settings)
}

fn check_system(drv: &DrvFile, settings: &Settings) -> Result<(), Blocked> {
    let here = settings.get("system").unwrap_or_default();
    let others = settings.get("extra-platforms").unwrap_or_default();
    let wanted = drv.system();
    if wanted == here || wanted == "builtin" || others.split_whitespace().any(|s| s == wanted) {
        return Ok(());
    }
    Err(Blocked::System {
        derivation: drv.path().clone(),
        wanted: wanted.to_owned(),
        here: here.to_owned(),
    })
}
