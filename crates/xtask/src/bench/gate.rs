//! `gate-100`, `gate-1000`, `gate-events`: pushes of plain Git through a gate, and without one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::measure::{in_turns, median, settle_disk, time};
use super::{Measured, folder};
use crate::checkout::Profile;
use crate::failure::{Named, Outcome};
use crate::process::quiet;
use crate::study::gatos;

/// Most seconds that a gate may add to a push of a hundred refs.
const ADDED: f64 = 0.050;
/// Most seconds that a push of a thousand refs may take.
const THOUSAND: f64 = 1.0;
/// A push of events takes at most 1.5 times as long as verifying them.
const WANT_EVENTS: f64 = 1.0 / 1.5;
/// What is below this is of GATOS.
const OURS: &str = "refs/gatos";
const ROUNDS: usize = 7;
const EVENTS: usize = 10_000;

/// A study, a server with a gate and one without.
struct Field {
    folder: PathBuf,
    gatos: PathBuf,
}

impl Field {
    fn new(name: &str) -> Outcome<Self> {
        let field = Self {
            folder: folder::fresh(name)?,
            gatos: gatos(Profile::Release)?,
        };
        field.git(".", &["init", "--quiet", "--initial-branch=main", "study"])?;
        for server in ["guarded.git", "open.git"] {
            let init = ["init", "--quiet", "--bare", "--initial-branch=main", server];
            field.git(".", &init)?;
        }
        field.gatos(&["gate", "install", "../guarded.git"])?;
        let key = field.folder.join("key");
        let key = key.to_string_lossy();
        field.gatos(&["init", "--actor", "bench", "--new-key", &key])?;
        let commit = ["commit", "--quiet", "--allow-empty", "--message", "start"];
        field.git("study", &commit)?;
        for server in ["../guarded.git", "../open.git"] {
            let all = format!("{OURS}/*:{OURS}/*");
            let push = ["push", "--quiet", server, &all, "HEAD:refs/heads/main"];
            field.git("study", &push)?;
        }
        settle_disk()?;
        Ok(field)
    }

    fn command(&self, program: &Path, folder: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.join(folder))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "bench");
            command.env(format!("GIT_{role}_EMAIL"), "bench@example.org");
        }
        command
    }

    fn git(&self, folder: &str, arguments: &[&str]) -> Outcome {
        quiet(self.command(Path::new("git"), folder).args(arguments))
    }

    fn gatos(&self, arguments: &[&str]) -> Outcome {
        quiet(self.command(&self.gatos, "study").args(arguments))
    }

    /// A copy of the server with the gate.
    fn copy(&self, round: usize) -> Outcome<String> {
        let fresh = format!("../copy{round}.git");
        let mut copy = self.command(Path::new("cp"), "study");
        quiet(copy.args(["--recursive", "../guarded.git", &fresh]))?;
        Ok(fresh)
    }

    /// Push `count` new branches.
    fn push(&self, server: &str, (round, count): (usize, usize)) -> Outcome<f64> {
        let mut refspecs = Vec::new();
        for number in 0..count {
            refspecs.push(format!("HEAD:refs/heads/r{round}/b{number}"));
        }
        let mut push = self.command(Path::new("git"), "study");
        time(push.args(["push", "--quiet", server]).args(refspecs))
    }

    fn pushes(&self, count: usize) -> Outcome<(f64, f64)> {
        in_turns(
            ROUNDS,
            |round| self.push("../guarded.git", (round, count)),
            |round| self.push("../open.git", (round, count)),
        )
    }
}

/// What a gate adds to a push of a hundred branches.
pub(super) fn measure_hundred() -> Outcome<Measured> {
    let (ours, rival) = Field::new("gate-100")?.pushes(100)?;
    let added = (ours - rival).max(0.001);
    Ok(Measured::of_times("gate-100", added, ADDED, 1.0))
}

/// A push of a thousand branches, each time to a server that has none of them. They are named by a
/// pattern: of a thousand names, Git's client compares each with each, which takes it half a second.
pub(super) fn measure_thousand() -> Outcome<Measured> {
    let field = Field::new("gate-1000")?;
    for number in 0..1000 {
        field.git("study", &["branch", &format!("many/b{number}")])?;
    }
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        let fresh = field.copy(round)?;
        let mut push = field.command(Path::new("git"), "study");
        let many = "refs/heads/many/*:refs/heads/many/*";
        rounds.push(time(push.args(["push", "--quiet", &fresh, many]))?);
    }
    Ok(Measured::of_times(
        "gate-1000",
        median(rounds),
        THOUSAND,
        1.0,
    ))
}

/// A push of signed events, and verifying them.
pub(super) fn measure_events() -> Outcome<Measured> {
    let field = Field::new("gate-events")?;
    let rows: String = (0..EVENTS).map(|row| format!("{row},x\n")).collect();
    let file = field.folder.join("study/rows.csv");
    fs::write(&file, format!("n,text\n{rows}")).named(file.display())?;
    field.gatos(&["event", "import", "rows.csv", "--key", "../key"])?;
    let (ours, rival) = in_turns(
        ROUNDS,
        |round| {
            // The journal is new to the server each time.
            let fresh = field.copy(round)?;
            let mut push = field.command(Path::new("git"), "study");
            let journal = format!("{OURS}/journal/rows");
            time(push.args(["push", "--quiet", &fresh, &journal]))
        },
        |_| {
            let mut verify = field.command(&field.gatos, "study");
            time(verify.args(["event", "verify", "rows"]))
        },
    )?;
    Ok(Measured::of_times("gate-events", ours, rival, WANT_EVENTS))
}
