//! Building again in an empty store.

use std::collections::BTreeMap;

use std::fs;
use std::path::Path;
use std::process::Command;

use gatos_core::experiment::Dependency;
use gatos_nix::StorePath;
use gatos_nix::clean_room::{
    Blocked, CleanRoom, CleanRoomError, DependencyPolicy, Extent, Supplied, check_settings,
    packing_list,
};
use gatos_nix::derivation::DrvClosure;
use gatos_nix::nar::{self, Archive};
use gatos_nix::nix::Nix;
use gatos_nix::realise::{Failure, Outcome, Output, RealiseError};

use crate::stage::{Stage, make_writable, quiet};

/// A job with a dependency of its own and a source.
const CHAIN: &str = r#"let
    data = builtins.toFile "data.txt" "1 2 3\n";
    tool = derivation {
      name = "tool"; system = builtins.currentSystem; builder = "${tools}/sh";
      args = [ "-euc" "mkdir $out; echo 'cat $1' > $out/run" ]; PATH = "${tools}";
    };
  in toy "chain" "mkdir $out; sh ${tool}/run ${data} > $out/copy" {}"#;

#[test]
fn j01_a_deterministic_job_is_the_same_in_two_stores() {
    let stage = Stage::new();
    let closure = stage.instantiate(CHAIN);
    let Outcome::Succeeded { outputs: first } = stage.realise(&closure).unwrap().outcome else {
        panic!("the first build failed");
    };
    for policy in [
        DependencyPolicy::StoresAndCaches,
        DependencyPolicy::FromSource,
    ] {
        let room = CleanRoom::new(&stage.nix, stage.folder.path()).unwrap();
        let dependencies = room
            .prepare(&closure, &BTreeMap::new(), policy, &mut quiet())
            .unwrap();
        let by: BTreeMap<_, _> = dependencies
            .iter()
            .map(|d| (d.path[33..].to_owned(), d.vouched_by.as_str()))
            .collect();
        let tool = match policy {
            DependencyPolicy::StoresAndCaches => "local store",
            DependencyPolicy::FromSource => "built",
        };
        let expect = [("data.txt", "source"), ("tool", tool), ("tools", "source")];
        assert_eq!(by, expect.map(|(name, by)| (name.to_owned(), by)).into());
        let execution = room.realise(&closure, &mut quiet()).unwrap();
        let Outcome::Succeeded { outputs: second } = execution.outcome else {
            panic!("{execution:?}");
        };
        assert_eq!(first["out"].nar, second["out"].nar);
        assert_eq!(
            second["out"].nar,
            gatos_nix::nar::hash(&room.on_disk(&second["out"].path)).unwrap()
        );
    }
}

type Supplies<'a> = BTreeMap<StorePath, Supplied<'a>>;

fn prepare(
    room: &CleanRoom,
    closure: &DrvClosure,
    supplies: &Supplies<'_>,
) -> Result<Vec<Dependency>, CleanRoomError> {
    room.prepare(
        closure,
        supplies,
        DependencyPolicy::StoresAndCaches,
        &mut quiet(),
    )
}

/// Build in a clean room of its own, with what this Nix can get.
fn rebuild(nix: &Nix, stage: &Stage, closure: &DrvClosure) -> Result<Output, CleanRoomError> {
    let room = CleanRoom::new(nix, stage.folder.path())?;
    prepare(&room, closure, &BTreeMap::new())?;
    match room.realise(closure, &mut quiet())?.outcome {
        Outcome::Succeeded { mut outputs } => Ok(outputs.remove("out").unwrap()),
        other => panic!("{other:?}"),
    }
}

fn blocked<T: std::fmt::Debug>(result: Result<T, CleanRoomError>) -> Blocked {
    match result {
        Err(CleanRoomError::Blocked(blocked)) => blocked,
        other => panic!("{other:?}"),
    }
}

/// Write over a file of a store, as somebody with the rights to could.
fn tamper(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::PermissionsExt;
    make_writable(path.parent().unwrap());
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o444)).unwrap();
}

#[test]
fn a_clean_room_is_empty_and_removed() {
    let stage = Stage::new();
    let closure = stage.toy("mkdir $out");
    let room = CleanRoom::new(&stage.nix, stage.folder.path()).unwrap();
    let root = room.nix().store_root().to_path_buf();
    prepare(&room, &closure, &BTreeMap::new()).unwrap();
    room.realise(&closure, &mut quiet()).unwrap();
    assert!(root.join("nix/store").exists());
    drop(room);
    assert!(!root.exists());
}

#[test]
fn the_target_must_not_be_there_before() {
    let stage = Stage::new();
    let closure = stage.toy("mkdir $out");
    let room = CleanRoom::new(&stage.nix, stage.folder.path()).unwrap();
    prepare(&room, &closure, &BTreeMap::new()).unwrap();
    room.realise(&closure, &mut quiet()).unwrap();
    let again = blocked(room.realise(&closure, &mut quiet()));
    assert!(matches!(again, Blocked::TargetPresent { .. }), "{again}");
}

#[test]
fn a_job_that_fails_is_an_outcome_here_too() {
    let stage = Stage::new();
    let closure = stage.toy("echo no; exit 3");
    let room = CleanRoom::new(&stage.nix, stage.folder.path()).unwrap();
    prepare(&room, &closure, &BTreeMap::new()).unwrap();
    let execution = room.realise(&closure, &mut quiet()).unwrap();
    assert!(matches!(
        execution.outcome,
        Outcome::Failed {
            failure: Failure::Exited { code: 3 }
        }
    ));
    assert_eq!(execution.log.text(), "no\n");
}

#[test]
fn j03_every_setting_is_asserted_as_it_is_in_force() {
    let stage = Stage::new();
    let room = CleanRoom::new(&stage.nix, stage.folder.path()).unwrap();
    let good = room.settings();
    check_settings(good).unwrap();
    let bad = [
        ("sandbox", "relaxed"),
        ("sandbox", "false"),
        ("sandbox-fallback", "true"),
        ("sandbox-paths", "/etc"),
        ("substitute", "true"),
        ("substituters", "https://cache.example"),
        ("builders", "ssh://elsewhere"),
        ("fallback", "true"),
        ("pre-build-hook", "/bin/hook"),
        ("post-build-hook", "/bin/hook"),
        ("run-diff-hook", "true"),
    ];
    for (name, value) in bad {
        let refused = check_settings(&good.clone().with(name, value)).unwrap_err();
        assert!(
            matches!(refused, Blocked::Setting { name: n, .. } if n == name),
            "{refused}"
        );
    }

    // A configuration cannot open the room, because every command overrides it.
    let open = stage
        .altered("export NIX_CONFIG='sandbox = false\nsandbox-fallback = true\nextra-sandbox-paths = /etc\nsubstituters = https://cache.example\npost-build-hook = /bin/hook'")
        .unwrap();
    assert_eq!(open.settings(&[]).unwrap().get("sandbox"), Some("false"));
    let room = CleanRoom::new(&open, stage.folder.path()).unwrap();
    for (name, _) in bad {
        assert_eq!(room.settings().get(name), good.get(name), "{name}");
    }

    // A Nix that does not do as it is told, as a daemon does for those it does not trust: refused
    // before anything is built, in the clean room and outside of it.
    let deaf = stage
        .altered(
            "export NIX_CONFIG='sandbox = false'
            for a; do shift; case $a in --option) skip=2;; esac
            if [ ${skip:-0} -gt 0 ]; then skip=$((skip - 1)); [ $skip -eq 0 ] && unset skip && d=1 || true; elif [ ${d:-0} = 1 ]; then d=0; else set -- \"$@\" \"$a\"; fi; done",
        )
        .unwrap();
    let refused = blocked(CleanRoom::new(&deaf, stage.folder.path()));
    assert!(
        matches!(
            refused,
            Blocked::Setting {
                name: "sandbox",
                ..
            }
        ),
        "{refused}"
    );
    let closure = stage.toy("mkdir $out");
    let error = gatos_nix::realise::realise(&deaf, &closure, &mut quiet()).unwrap_err();
    assert!(
        matches!(
            error,
            RealiseError::OpenSandbox {
                setting: "sandbox",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn j03_a_derivation_that_opens_the_sandbox_is_refused_wherever_it_is() {
    let stage = Stage::new();
    let room = CleanRoom::new(&stage.nix, stage.folder.path()).unwrap();
    for expression in [
        "toy \"j\" \"mkdir $out\" { __noChroot = true; }",
        "toy \"j\" \"mkdir $out; ${toy \"d\" \"mkdir $out\" { __noChroot = true; }}\" {}",
    ] {
        let closure = stage.instantiate(expression);
        let refused = blocked(prepare(&room, &closure, &BTreeMap::new()));
        assert!(matches!(refused, Blocked::OpensSandbox { .. }), "{refused}");
    }
    // What opens a sandbox only on macOS is everywhere in nixpkgs.
    let harmless =
        stage.instantiate("toy \"j\" \"mkdir $out\" { __darwinAllowLocalNetworking = true; }");
    prepare(&room, &harmless, &BTreeMap::new()).unwrap();
    let foreign = stage.instantiate("toy \"j\" \"mkdir $out\" { system = \"z80-cpm\"; }");
    let refused = blocked(prepare(&room, &foreign, &BTreeMap::new()));
    assert!(matches!(refused, Blocked::System { .. }), "{refused}");
}

#[test]
fn j04_without_namespaces_nothing_is_built() {
    let stage = Stage::new();
    let closure = stage.toy("mkdir $out");
    for namespace in ["mnt", "pid"] {
        let poor = stage
            .altered(&format!(
                "case $program in nix-store) exec unshare --user --map-root-user sh -c 'echo 0 > /proc/sys/user/max_{namespace}_namespaces; exec \"$@\"' sh $REAL/nix-store \"$@\";; esac"
            ))
            .unwrap();
        let room = CleanRoom::new(&poor, stage.folder.path()).unwrap();
        prepare(&room, &closure, &BTreeMap::new()).unwrap();
        let refused = blocked(room.realise(&closure, &mut quiet()));
        assert!(matches!(refused, Blocked::NoSandbox { .. }), "{refused}");
        let error = gatos_nix::realise::realise(&poor, &closure, &mut quiet()).unwrap_err();
        assert!(matches!(error, RealiseError::NoSandbox { .. }), "{error}");
    }
}

#[test]
fn sources_are_believed_by_their_names_only() {
    let stage = Stage::new();
    let closure = stage.instantiate(CHAIN);
    let data = closure
        .sources()
        .into_iter()
        .find(|p| p.name() == "data.txt")
        .unwrap();
    let disk = data.below(stage.nix.store_root());
    rebuild(&stage.nix, &stage, &closure).unwrap();
    tamper(&disk, b"4 5 6\n");
    let refused = blocked(rebuild(&stage.nix, &stage, &closure));
    assert_eq!(refused, Blocked::SourceAltered { path: data.clone() });
    make_writable(disk.parent().unwrap());
    fs::remove_file(&disk).unwrap();
    let refused = blocked(rebuild(&stage.nix, &stage, &closure));
    assert_eq!(refused, Blocked::SourceMissing { path: data.clone() });
    // From the evidence it is as good as from anywhere, if the bytes are right.
    let (right, wrong) = (
        archive_of(&stage, b"1 2 3\n"),
        archive_of(&stage, b"4 5 6\n"),
    );
    let room = CleanRoom::new(&stage.nix, stage.folder.path()).unwrap();
    let refused = blocked(prepare(&room, &closure, &supply(&data, &wrong)));
    assert_eq!(refused, Blocked::SourceAltered { path: data.clone() });
    let listed = prepare(&room, &closure, &supply(&data, &right)).unwrap();
    let entry = listed.iter().find(|d| d.path == data.base_name()).unwrap();
    assert_eq!(
        (entry.vouched_by.as_str(), entry.nar),
        ("source", nar::digest(&right))
    );
}

fn archive_of(stage: &Stage, bytes: &[u8]) -> Vec<u8> {
    let file = stage.path("file");
    fs::write(&file, bytes).unwrap();
    let mut archive = Vec::new();
    nar::write(&file, &mut archive).unwrap();
    archive
}

fn supply<'a>(path: &StorePath, archive: &'a [u8]) -> Supplies<'a> {
    let supplied = Supplied {
        references: [].into(),
        nar: Archive::Bytes(archive),
    };
    [(path.clone(), supplied)].into()
}

#[test]
fn j05_a_dependency_that_was_tampered_with_is_not_used() {
    let stage = Stage::new();
    let closure = stage.instantiate(CHAIN);
    stage.realise(&closure).unwrap();
    let tool = closure.dependencies().into_keys().next().unwrap();
    tamper(
        &tool.below(stage.nix.store_root()).join("run"),
        b"echo evil\n",
    );
    let refused = blocked(rebuild(&stage.nix, &stage, &closure));
    assert_eq!(refused, Blocked::DependencyAltered { path: tool });
    // Built from its source, it is as it should be.
    let room = CleanRoom::new(&stage.nix, stage.folder.path()).unwrap();
    room.prepare(
        &closure,
        &BTreeMap::new(),
        DependencyPolicy::FromSource,
        &mut quiet(),
    )
    .unwrap();
    assert!(matches!(
        room.realise(&closure, &mut quiet()).unwrap().outcome,
        Outcome::Succeeded { .. }
    ));
}

#[test]
fn j05_a_tampered_target_in_the_host_store_changes_nothing() {
    let stage = Stage::new();
    let closure = stage.toy("mkdir $out; echo 1 > $out/result");
    let Outcome::Succeeded { outputs } = stage.realise(&closure).unwrap().outcome else {
        panic!("failed");
    };
    let disk = outputs["out"].path.below(stage.nix.store_root());
    tamper(&disk.join("result"), b"2\n");
    assert_ne!(nar::hash(&disk).unwrap(), outputs["out"].nar);
    let rebuilt = rebuild(&stage.nix, &stage, &closure).unwrap();
    assert_eq!(rebuilt.nar, outputs["out"].nar);
}

/// A fixed-output derivation, the file that it must be, and a job that reads it.
const FIXED: &str = r#"let
    fixed = derivation {
      name = "download"; system = builtins.currentSystem; builder = "${tools}/sh";
      args = [ "-euc" "echo right > $out" ]; PATH = "${tools}";
      outputHashMode = "flat"; outputHashAlgo = "sha256";
      outputHash = "ac21afa1a4ac1a7e57069aa4c3e9fbd97ef75d0f9b8de33f20ba8e5b5b6ab4d2";
    };
  in toy "j" "cat ${fixed} > $out" {}"#;

#[test]
fn j09_a_download_is_hashed_again_whoever_has_it() {
    let stage = Stage::new();
    let right = stage.file("right", "right\n");
    let hash = Command::new("nix-hash")
        .args(["--flat", "--type", "sha256"])
        .arg(&right)
        .output()
        .unwrap();
    let hash = String::from_utf8(hash.stdout).unwrap();
    let closure = stage.instantiate(&FIXED.replace(
        "ac21afa1a4ac1a7e57069aa4c3e9fbd97ef75d0f9b8de33f20ba8e5b5b6ab4d2",
        hash.trim(),
    ));
    let fixed = closure.dependencies().into_keys().next().unwrap();
    let listed = |room: &CleanRoom| {
        let listed = prepare(room, &closure, &BTreeMap::new()).unwrap();
        listed
            .into_iter()
            .find(|d| d.path == fixed.base_name())
            .unwrap()
            .vouched_by
    };
    // Built in the room, then taken from the host: its name is a hash of its bytes both times.
    let room = CleanRoom::new(&stage.nix, stage.folder.path()).unwrap();
    assert_eq!(listed(&room), "built");
    stage.realise(&closure).unwrap();
    let room = CleanRoom::new(&stage.nix, stage.folder.path()).unwrap();
    assert_eq!(listed(&room), "source");

    // Poisoned, and registered as if it were right: Nix serves it for ever.
    let poisoned = Stage::new();
    let closure = poisoned.instantiate(&FIXED.replace(
        "ac21afa1a4ac1a7e57069aa4c3e9fbd97ef75d0f9b8de33f20ba8e5b5b6ab4d2",
        hash.trim(),
    ));
    import_as(&poisoned, &fixed, b"evil\n");
    let Outcome::Succeeded { outputs } = poisoned.realise(&closure).unwrap().outcome else {
        panic!("failed");
    };
    let served = outputs["out"].path.below(poisoned.nix.store_root());
    assert_eq!(fs::read(served).unwrap(), b"evil\n");
    let refused = blocked(rebuild(&poisoned.nix, &poisoned, &closure));
    assert_eq!(
        refused,
        Blocked::FixedOutputAltered {
            path: fixed.clone()
        }
    );

    // In the evidence it is no better.
    let empty = Stage::new();
    let room = CleanRoom::new(&empty.nix, empty.folder.path()).unwrap();
    let (tools, evil) = (packed(&stage, &closure), archive_of(&stage, b"evil\n"));
    let mut supplies = supply(&fixed, &evil);
    supplies.extend(
        tools
            .iter()
            .filter(|(path, _)| **path != fixed)
            .map(as_supplied),
    );
    let refused = blocked(prepare(&room, &closure, &supplies));
    assert_eq!(refused, Blocked::FixedOutputAltered { path: fixed });
}

/// Register these bytes under a name that is not theirs, as a careless import does.
fn import_as(stage: &Stage, path: &StorePath, bytes: &[u8]) {
    let archive = archive_of(stage, bytes);
    let mut stream = 1_u64.to_le_bytes().to_vec();
    stream.extend_from_slice(&archive);
    stream.extend_from_slice(&0x4558_494e_u64.to_le_bytes());
    let text = path.to_string();
    stream.extend_from_slice(&(text.len() as u64).to_le_bytes());
    stream.extend_from_slice(text.as_bytes());
    stream.resize(stream.len().next_multiple_of(8), 0);
    // No references, no deriver, no signature, no more paths.
    stream.extend_from_slice(&[0; 32]);
    let file = stage.path("import");
    fs::write(&file, stream).unwrap();
    let output = Command::new("nix-store")
        .arg("--import")
        .arg("--store")
        .arg(format!("local?root={}", stage.nix.store_root().display()))
        .stdin(fs::File::open(file).unwrap())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

type Packed = BTreeMap<StorePath, (std::collections::BTreeSet<StorePath>, Vec<u8>)>;

/// What `evidence pack --with-closure` packs.
fn packed(stage: &Stage, closure: &DrvClosure) -> Packed {
    pack(stage, closure, Extent::Target)
}

fn pack(stage: &Stage, closure: &DrvClosure, extent: Extent) -> Packed {
    let list = packing_list(&stage.nix, closure, extent).unwrap();
    let objects = list.into_iter().map(|object| {
        let mut archive = Vec::new();
        let disk = object.path.below(stage.nix.store_root());
        let written = nar::write(&disk, &mut archive).unwrap();
        assert_eq!(written, object.registered);
        (object.path, (object.references, archive))
    });
    objects.collect()
}

fn as_supplied<'a>(
    (path, (references, archive)): (
        &StorePath,
        &'a (std::collections::BTreeSet<StorePath>, Vec<u8>),
    ),
) -> (StorePath, Supplied<'a>) {
    let supplied = Supplied {
        references: references.clone(),
        nar: Archive::Bytes(archive),
    };
    (path.clone(), supplied)
}

#[test]
fn one_package_is_enough_on_a_machine_that_has_nothing() {
    let stage = Stage::new();
    let closure = stage.instantiate(CHAIN);
    let Outcome::Succeeded { outputs } = stage.realise(&closure).unwrap().outcome else {
        panic!("failed");
    };
    let texts = closure
        .derivations()
        .map(|drv| (drv.path().clone(), drv.text().to_vec()))
        .collect();
    let closure = DrvClosure::from_texts(closure.root().path(), texts).unwrap();
    for (extent, policy, by) in [
        (
            Extent::Target,
            DependencyPolicy::StoresAndCaches,
            "evidence",
        ),
        (Extent::Everything, DependencyPolicy::FromSource, "built"),
    ] {
        let objects = pack(&stage, &closure, extent);
        let supplies: Supplies<'_> = objects.iter().map(as_supplied).collect();
        let elsewhere = Stage::new();
        let room = CleanRoom::new(&elsewhere.nix, elsewhere.folder.path()).unwrap();
        let listed = room
            .prepare(&closure, &supplies, policy, &mut quiet())
            .unwrap();
        let tool = listed.iter().find(|d| d.path.ends_with("-tool")).unwrap();
        assert_eq!(tool.vouched_by, by);
        let Outcome::Succeeded { outputs: again } =
            room.realise(&closure, &mut quiet()).unwrap().outcome
        else {
            panic!("failed");
        };
        assert_eq!(outputs["out"].nar, again["out"].nar);
        // Without the package nothing goes.
        let room = CleanRoom::new(&elsewhere.nix, elsewhere.folder.path()).unwrap();
        let refused = blocked(room.prepare(&closure, &BTreeMap::new(), policy, &mut quiet()));
        assert!(
            matches!(refused, Blocked::SourceMissing { .. }),
            "{refused}"
        );
    }
}

#[test]
fn evidence_that_refers_to_what_it_does_not_hold() {
    let stage = Stage::new();
    let closure = stage.toy("mkdir $out");
    let tools = closure.sources().into_iter().next().unwrap();
    let archive = archive_of(&stage, b"x");
    let missing = StorePath::from_base_name("00bgd045z0d4icpbc2yyz4gx48ak44la-missing").unwrap();
    let mut supplies = supply(&tools, &archive);
    supplies
        .get_mut(&tools)
        .unwrap()
        .references
        .insert(missing.clone());
    let elsewhere = Stage::new();
    let room = CleanRoom::new(&elsewhere.nix, elsewhere.folder.path()).unwrap();
    let refused = blocked(prepare(&room, &closure, &supplies));
    let expect = Blocked::ReferenceMissing {
        path: tools,
        reference: missing,
    };
    assert_eq!(refused, expect);
}
