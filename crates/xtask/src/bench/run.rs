//! `run` and `reproduce`: `gatos` and plain `nix build` of the same derivation.

use std::fs;
use std::path::Path;

use super::Measured;
use super::measure::{in_turns, time};
use crate::checkout::{self, Profile};
use crate::failure::{Named, Outcome};
use crate::nix;
use crate::study::Stage;

/// Recording, proving and signing at most double the time of the build.
const WANT_RUN: f64 = 1.0 / 2.0;
/// A clean room, asserted and compared, takes at most 1.3 times as long as one that is not.
const WANT_REPRODUCE: f64 = 1.0 / 1.3;
const ROUNDS: usize = 5;

/// A study whose job takes no time: it leaves one event, and a fold takes it up.
const STUDY: [(&str, &str); 3] = [
    (
        "program.sh",
        "mkdir $out; cp parameters.json $out/\n\
        printf '{\"type\":\"done\",\"payload\":{\"n\":1}}\\n' > $out/events.jsonl\n",
    ),
    (
        "fold.lua",
        "function fold(state, event) state.last = event.payload.n return state end\n",
    ),
    (
        "flake.nix",
        include_str!("../../../../experiments/penguins/flake.nix"),
    ),
];

pub(super) fn measure_run() -> Outcome<Measured> {
    let stage = stage("bench-run")?;
    let (ours, rival) = in_turns(
        ROUNDS,
        |round| {
            change(&stage, &format!("ours-{round}"))?;
            time(&mut stage.command(&["run"]))
        },
        |round| {
            change(&stage, &format!("rival-{round}"))?;
            let mut build = nix::plain(stage.folder());
            time(build.args(["build", "--no-link", "."]))
        },
    )?;
    Ok(Measured::of_times("run", ours, rival, WANT_RUN))
}

pub(super) fn measure_reproduce() -> Outcome<Measured> {
    let stage = stage("bench-reproduce")?;
    change(&stage, "reproduced")?;
    let id = stage.record_run()?.id;
    let empty = checkout::target().join("bench-reproduce/store");
    let (ours, rival) = in_turns(
        ROUNDS,
        |_| time(&mut stage.command(&["reproduce", &id])),
        |_| {
            delete(&empty)?;
            let mut build = nix::plain(stage.folder());
            time(
                build
                    .args(["build", "--no-link", "--store"])
                    .arg(&empty)
                    .arg("."),
            )
        },
    )?;
    delete(&empty)?;
    Ok(Measured::of_times("reproduce", ours, rival, WANT_REPRODUCE))
}

fn stage(purpose: &str) -> Outcome<Stage> {
    let source = checkout::target().join(purpose).join("source/instant");
    delete(&source)?;
    fs::create_dir_all(&source).named(source.display())?;
    for (name, text) in STUDY {
        fs::write(source.join(name), text).named(name)?;
    }
    fs::write(source.join("experiment.nix"), experiment("first")).named("experiment.nix")?;
    Stage::set_up(purpose, &source, Profile::Release)
}

/// Another derivation that nobody has built, committed.
fn change(stage: &Stage, nonce: &str) -> Outcome {
    let file = stage.folder().join("experiment.nix");
    fs::write(&file, experiment(nonce)).named(file.display())?;
    stage.git(&["commit", "--quiet", "--all", "--message", nonce])
}

fn experiment(nonce: &str) -> String {
    // Unlike any other measurement's, now or earlier, so that nothing is built already.
    let unique = std::process::id();
    format!(
        "{{ gatos, pkgs }}:\ngatos.lib.mkExperiment {{\n  inherit pkgs;\n  name = \"instant\";\n  \
         program = ./program.sh;\n  parameters.nonce = \"{nonce}-{unique}\";\n  \
         journal = \"results\";\n  fold = ./fold.lua;\n}}\n"
    )
}

/// A store is read-only, so it takes `nix store delete`'s way: make it writable, then delete it.
fn delete(folder: &Path) -> Outcome {
    if !folder.exists() {
        return Ok(());
    }
    let mut chmod = std::process::Command::new("chmod");
    crate::process::quiet(chmod.args(["--recursive", "u+w"]).arg(folder))?;
    fs::remove_dir_all(folder).named(folder.display())
}
