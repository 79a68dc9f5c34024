//! Machines without Nix, or with one that is no use.

use std::ffi::OsStr;

use gatos_nix::nix::{FindNixError, Implementation, Nix, NixVersion};

use crate::stage::Stage;

#[test]
fn j13_no_nix_here() {
    let stage = Stage::new();
    let missing = Nix::find_in(stage.folder.path().as_os_str()).unwrap_err();
    assert!(matches!(missing, FindNixError::Missing), "{missing}");
    assert!(missing.to_string().contains("install Nix"), "{missing}");
    let nowhere = Nix::find_in(OsStr::new("")).unwrap_err();
    assert!(matches!(nowhere, FindNixError::Missing), "{nowhere}");

    let old = stage.altered("echo 'nix (Nix) 2.8.0'; exit 0").unwrap_err();
    assert!(
        matches!(&old, FindNixError::TooOld { found, .. } if *found == NixVersion::new(2, 8, 0)),
        "{old}"
    );
    for script in [
        "echo hello; exit 0",
        "exit 0",
        "echo 'cannot open shared object' >&2; exit 127",
    ] {
        let broken = stage.altered(script).unwrap_err();
        assert!(
            matches!(broken, FindNixError::Broken { .. }),
            "{script}: {broken}"
        );
    }
    let folder = stage.path("bin");
    std::fs::create_dir(&folder).unwrap();
    for program in ["nix", "nix-store"] {
        std::fs::write(folder.join(program), "").unwrap();
    }
    let dead = Nix::find_in(folder.as_os_str()).unwrap_err();
    assert!(matches!(dead, FindNixError::Start { .. }), "{dead}");
}

#[test]
fn lix_is_welcome() {
    let stage = Stage::new();
    let lix = stage
        .altered("[ \"$1\" = --version ] && echo 'nix (Lix, like Nix) 2.91.1' && exit 0")
        .unwrap();
    assert_eq!(lix.implementation(), Implementation::Lix);
    assert_eq!(lix.version(), NixVersion::new(2, 91, 1));
    assert_eq!(lix.says(), "nix (Lix, like Nix) 2.91.1");
}
