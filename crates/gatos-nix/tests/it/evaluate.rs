//! Studies that evaluate, and what is said of those that do not.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gatos_core::experiment::Tree;
use gatos_nix::derivation::DrvClosure;
use gatos_nix::evaluate::{EvaluateError, Flake, evaluate, instantiate};
use gatos_nix::job::Job;

use crate::stage::Stage;

/// A study that has what `mkExperiment` gives, and nothing else.
const STUDY: &str = r#"{
  inputs.tools = { url = "path:TOOLS"; flake = false; };
  outputs = { self, tools, ... }: let
    system = "SYSTEM";
    job = states: let
      inputs = { "data.csv" = "${./data.csv}"; } // states;
    in derivation {
      name = "study"; inherit system; builder = "${tools}/sh";
      args = [ "-euc" "mkdir $out; cat ${toString (builtins.attrValues inputs)} > $out/all" ];
      PATH = "${tools}"; gatosJob = "1"; gatosName = "study"; gatosTimeout = "60";
      gatosInputs = builtins.toJSON inputs;
    } // {
      gatos = {
        name = "study"; journal = "results"; fold = "return 1"; foldName = "f.lua"; timeout = 60;
        states = STATES;
      };
      withStates = given: job { "yearly.json" = given.yearly; };
    };
  in { packages.${system} = { default = job {}; other = derivation { name = "x"; inherit system; builder = "y"; }; broken = throw "out of luck"; impure = (job {}) // { gatos.name = builtins.getEnv "HOME" + toString builtins.currentTime; }; }; };
}"#;

struct Study {
    stage: Stage,
    folder: PathBuf,
}

impl Study {
    fn new(states: &str) -> Self {
        let stage = Stage::new();
        let folder = stage.path("study");
        fs::create_dir(&folder).unwrap();
        let system = stage
            .nix
            .settings(&[])
            .unwrap()
            .get("system")
            .unwrap()
            .to_owned();
        let text = STUDY
            .replace("TOOLS", stage.path("applets").to_str().unwrap())
            .replace("SYSTEM", &system)
            .replace("STATES", states);
        fs::write(folder.join("flake.nix"), text).unwrap();
        fs::write(folder.join("data.csv"), "1\n").unwrap();
        Self { stage, folder }
    }

    fn locked(states: &str) -> Self {
        let study = Self::new(states);
        study.lock();
        study
    }

    fn lock(&self) {
        run(Command::new("nix")
            .args([
                "--extra-experimental-features",
                "nix-command flakes",
                "flake",
                "lock",
                "--store",
                &format!("local?root={}", self.stage.nix.store_root().display()),
            ])
            .arg(format!("path:{}", self.folder.display())));
    }

    fn flake(&self, attribute: &str) -> Flake {
        Flake::new(&self.folder, attribute)
    }

    fn refused(&self, flake: &Flake) -> EvaluateError {
        match evaluate(&self.stage.nix, flake) {
            Ok(evaluation) => panic!("{evaluation:?}"),
            Err(error) => error,
        }
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn git(folder: &Path, arguments: &[&str]) {
    run(Command::new("git")
        .arg("-C")
        .arg(folder)
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@t",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null"));
}

#[test]
fn a_study_without_states_gives_its_derivation_at_once() {
    let study = Study::locked("{ }");
    let evaluation = evaluate(&study.stage.nix, &study.flake("default")).unwrap();
    assert_eq!(evaluation.meta.name, "study");
    assert_eq!(evaluation.meta.journal.as_deref(), Some("results"));
    assert_eq!(
        evaluation.meta.fold,
        Some(("f.lua".to_owned(), "return 1".to_owned()))
    );
    assert_eq!(evaluation.meta.timeout.unwrap().as_secs(), 60);
    assert_eq!(evaluation.tree, Tree::Clean);
    let closure = DrvClosure::from_store(
        &evaluation.derivation.unwrap(),
        study.stage.nix.store_root(),
    );
    let job = Job::of(&closure.unwrap()).unwrap();
    assert_eq!(job.inputs.len(), 1);
}

#[test]
fn states_are_put_in_without_impurity() {
    let study =
        Study::locked("{ yearly = { journal = \"m\"; fold = \"x\"; foldName = \"y.lua\"; }; }");
    let nix = &study.stage.nix;
    let evaluation = evaluate(nix, &study.flake("default")).unwrap();
    assert_eq!(evaluation.derivation, None);
    assert_eq!(evaluation.meta.states["yearly"].fold_name, "y.lua");
    let state = study.stage.path("yearly.json");
    fs::write(&state, "{}").unwrap();
    let state = nix.add_to_store(&state).unwrap();
    assert_eq!(state.name(), "yearly.json");
    let states = BTreeMap::from([("yearly".to_owned(), state.clone())]);
    let path = instantiate(nix, &study.flake("default"), &states).unwrap();
    let closure = DrvClosure::from_store(&path, nix.store_root()).unwrap();
    assert!(closure.sources().contains(&state));
    let job = Job::of(&closure).unwrap();
    assert_eq!(job.inputs[&"yearly.json".parse().unwrap()], state);
}

#[test]
fn j10_what_is_not_locked_is_refused() {
    let study = Study::new("{ }");
    let flake = || study.flake("default");
    let unlocked = |flake: &Flake| match study.refused(flake) {
        EvaluateError::Unlocked { inputs, .. } => inputs,
        error => panic!("{error}"),
    };
    assert_eq!(unlocked(&flake()), ["tools"]);
    let error = study.refused(&flake()).to_string();
    assert!(error.contains("nix flake lock"), "{error}");
    // An override does not make a lock.
    let tools = format!("path:{}", study.stage.path("applets").display());
    let overridden = |input: &str| Flake {
        overrides: vec![(input.to_owned(), tools.clone())],
        ..flake()
    };
    assert_eq!(unlocked(&overridden("tools")), ["tools"]);
    assert!(!study.folder.join("flake.lock").exists());

    // Locked, it evaluates, and an override of what is locked is fine.
    study.lock();
    evaluate(&study.stage.nix, &flake()).unwrap();
    fs::write(study.stage.path("applets").join("more"), "").unwrap();
    evaluate(&study.stage.nix, &overridden("tools")).unwrap();
    fs::remove_file(study.stage.path("applets").join("more")).unwrap();

    // An input that came after the lock, alone and hidden behind an override.
    let file = study.folder.join("flake.nix");
    let honest = fs::read_to_string(&file).unwrap();
    let more = format!("{{ inputs.late = {{ url = \"{tools}\"; flake = false; }};");
    fs::write(&file, honest.replacen('{', &more, 1)).unwrap();
    assert_eq!(unlocked(&flake()), ["late"]);
    assert_eq!(unlocked(&overridden("tools")), ["late"]);

    // A name that only a registry could resolve.
    let registry = "{ inputs.late.url = \"flake:no-such-flake\";";
    fs::write(&file, honest.replacen('{', registry, 1)).unwrap();
    let error = study.refused(&flake());
    assert!(matches!(error, EvaluateError::Unlocked { .. }), "{error}");
    assert!(error.to_string().contains("add flake.lock"), "{error}");

    // A lock file that is none.
    fs::write(&file, honest).unwrap();
    fs::write(study.folder.join("flake.lock"), "{").unwrap();
    let error = study.refused(&flake());
    assert!(matches!(error, EvaluateError::Evaluation { .. }), "{error}");
}

#[test]
fn j10_a_tree_that_git_does_not_have_whole() {
    let study = Study::locked("{ }");
    let flake = study.flake("default");
    git(&study.folder, &["init", "-q"]);
    let error = study.refused(&flake);
    assert!(matches!(error, EvaluateError::NotTracked { .. }), "{error}");
    assert!(error.to_string().contains("git add"), "{error}");
    git(&study.folder, &["add", "."]);
    git(&study.folder, &["commit", "-qm", "x"]);
    let clean = evaluate(&study.stage.nix, &flake).unwrap();
    assert_eq!(clean.tree, Tree::Clean);
    // Files that Git does not know cannot enter, so they change nothing.
    fs::write(study.folder.join("notes.txt"), "x").unwrap();
    let noted = evaluate(&study.stage.nix, &flake).unwrap();
    assert_eq!(noted.derivation, clean.derivation);
    fs::write(study.folder.join("data.csv"), "2\n").unwrap();
    let dirty = evaluate(&study.stage.nix, &flake).unwrap();
    assert_eq!(dirty.tree, Tree::Dirty);
    assert_ne!(dirty.derivation, clean.derivation);
    // Through a symbolic link it is the same study.
    let link = study.stage.path("link");
    std::os::unix::fs::symlink(&study.folder, &link).unwrap();
    let linked = evaluate(&study.stage.nix, &Flake::new(&link, "default")).unwrap();
    assert_eq!(linked, dirty);
}

/// Whether an error is the one expected.
type Expect = fn(&EvaluateError) -> bool;

#[test]
fn what_is_no_study() {
    let study = Study::locked("{ }");
    let refused = |attribute: &str| study.refused(&study.flake(attribute));
    let cases: [(&str, Expect, &str); 5] = [
        (
            "nothing",
            |e| matches!(e, EvaluateError::NoAttribute { .. }),
            "nothing",
        ),
        (
            "other",
            |e| matches!(e, EvaluateError::NotAnExperiment { .. }),
            "mkExperiment",
        ),
        (
            "broken",
            |e| matches!(e, EvaluateError::Evaluation { .. }),
            "out of luck",
        ),
        (
            "impure",
            |e| matches!(e, EvaluateError::Evaluation { .. }),
            "currentTime",
        ),
        (
            "a b",
            |e| {
                matches!(
                    e,
                    EvaluateError::NoAttribute { .. } | EvaluateError::Evaluation { .. }
                )
            },
            "a b",
        ),
    ];
    for (attribute, expect, says) in cases {
        let error = refused(attribute);
        assert!(
            expect(&error) && error.to_string().contains(says),
            "{attribute}: {error}"
        );
    }
    let empty = study.stage.path("empty");
    fs::create_dir(&empty).unwrap();
    for folder in [
        empty,
        study.stage.path("nowhere"),
        study.folder.join("data.csv"),
    ] {
        let error = study.refused(&Flake::new(folder, "default"));
        assert!(matches!(error, EvaluateError::NoFlake { .. }), "{error}");
    }
    // A folder below a flake is not that flake.
    fs::create_dir(study.folder.join("below")).unwrap();
    let error = study.refused(&Flake::new(study.folder.join("below"), "default"));
    assert!(matches!(error, EvaluateError::NoFlake { .. }), "{error}");
    let strange = study.stage.path("a#b");
    fs::rename(&study.folder, &strange).unwrap();
    let error = study.refused(&Flake::new(strange, "default"));
    assert!(matches!(error, EvaluateError::FolderName { .. }), "{error}");
}

#[test]
fn folders_with_spaces_are_fine() {
    let mut study = Study::locked("{ }");
    let folder = study.stage.path("my study (1), ä");
    fs::rename(&study.folder, &folder).unwrap();
    study.folder = folder;
    evaluate(&study.stage.nix, &study.flake("default")).unwrap();
    git(&study.folder, &["init", "-q"]);
    git(&study.folder, &["add", "."]);
    evaluate(&study.stage.nix, &study.flake("default")).unwrap();
}

#[test]
fn what_was_cancelled_does_not_begin() {
    let study = Study::locked("{ }");
    let cancel = gatos_nix::Cancel::new();
    cancel.cancel();
    let nix = study.stage.nix.cancelled_by(&cancel);
    let error = evaluate(&nix, &study.flake("default")).unwrap_err();
    assert!(error.to_string().contains("cancelled"), "{error}");
}
