//! A study of a few lines that Nix builds with nothing but a static busybox.

use std::path::{Path, PathBuf};
use std::process::Command;

use gatos::evidence::{Evidence, gather, pack, read_archive};
use gatos::experiment::{
    Dependencies, ReproduceOptions, ReproductionReport, Request, Room, RunReport, Subject,
    reproduce, run, select,
};
use gatos::verify::Pins;
use gatos::{Cancel, Error, Requirement, Unwatched};

use crate::fixture::Fixture;

/// The fold of the numbers: their sum and how many there are.
const SUM: &str = "function initial() return { n = 0, sum = 0 } end
function fold(state, event)
  state.n = state.n + 1
  state.sum = state.sum + event.payload.n
  return state
end
";
/// A job that copies what it was given and leaves one event.
pub(crate) const HONEST: &str = "
mkdir $out
cat inputs/numbers.json inputs/raw > $out/result.txt
echo '{\"type\":\"total\",\"payload\":{\"n\":42}}' > $out/events.jsonl
";

/// The static busybox on `PATH`; on Debian it comes in `busybox-static`.
fn busybox() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("busybox"));
    let busybox = found.into_iter().find(|file| file.is_file());
    busybox.expect("no busybox on PATH: run `cargo xtask setup`")
}

/// A repository with a study in it.
pub(crate) struct Study {
    pub(crate) fixture: Fixture,
}

impl Study {
    /// A study whose job is this script; three numbers are in its journal.
    pub(crate) fn new(script: &str) -> Self {
        let fixture = Fixture::new();
        let study = Self { fixture };
        let folder = study.folder();
        std::fs::create_dir(folder.join("tools")).unwrap();
        std::fs::copy(busybox(), folder.join("tools/busybox")).unwrap();
        for applet in ["sh", "cat", "mkdir", "ln", "date", "head", "od", "sleep"] {
            std::os::unix::fs::symlink("busybox", folder.join("tools").join(applet)).unwrap();
        }
        std::fs::write(folder.join("raw.txt"), "raw data\n").unwrap();
        std::fs::write(folder.join("sum.lua"), SUM).unwrap();
        study.script(script);
        study.git(&["add", "--all"]);
        study.git(&["commit", "--quiet", "--message", "study"]);
        for number in [1, 2, 3] {
            study.fixture.append("numbers", number);
        }
        study
    }

    pub(crate) fn folder(&self) -> &Path {
        self.fixture.folder.path()
    }

    /// Write the flake with another script.
    pub(crate) fn script(&self, script: &str) {
        let flake = include_str!("study.nix").replace("@script@", script);
        std::fs::write(self.folder().join("flake.nix"), flake).unwrap();
    }

    pub(crate) fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "change"]);
    }

    fn git(&self, arguments: &[&str]) {
        let status = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
            .args(["-c", "commit.gpgsign=false", "-C"])
            .arg(self.folder())
            .args(arguments)
            .status()
            .unwrap();
        assert!(status.success());
    }

    pub(crate) fn run(&self) -> Result<RunReport, Error> {
        let request = Request {
            folder: self.folder().to_path_buf(),
            attribute: "default".to_owned(),
            dirty: Requirement::Required,
            cancel: Cancel::new(),
        };
        run(
            &self.fixture.open(),
            &request,
            &self.fixture.key,
            &mut Unwatched,
        )
    }

    /// Do something with the evidence of an experiment.
    pub(crate) fn with_evidence<T>(&self, id: &str, act: impl FnOnce(&mut Evidence<'_>) -> T) -> T {
        let repository = self.fixture.open();
        let found = select(&repository, id).unwrap();
        act(&mut gather(&repository, &found).unwrap())
    }

    pub(crate) fn reproduce(&self, id: &str) -> ReproductionReport {
        let repository = self.fixture.open();
        let found = select(&repository, id).unwrap();
        let evidence = gather(&repository, &found).unwrap();
        let subject = Subject {
            evidence: &evidence,
            pins: &Pins::default(),
            repository: Some(&repository),
            signer: Some(&self.fixture.key),
        };
        reproduce(&subject, &options(), &mut Unwatched).unwrap()
    }

    /// Pack the evidence of an experiment and give back its bytes.
    pub(crate) fn packed(&self, id: &str) -> Vec<u8> {
        let file = self.folder().join("study.car");
        self.with_evidence(id, |evidence| pack(evidence, &file).unwrap());
        std::fs::read(file).unwrap()
    }
}

/// The usual way to reproduce.
pub(crate) fn options() -> ReproduceOptions {
    ReproduceOptions {
        dependencies: Dependencies::Anywhere,
        from: None,
        scratch: std::env::temp_dir(),
        room: Room::Removed,
        verdict: None,
        cancel: Cancel::new(),
    }
}

/// Evidence from bytes.
pub(crate) fn evidence(bytes: &[u8]) -> Result<Evidence<'static>, Error> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    read_archive(file.path())
}
