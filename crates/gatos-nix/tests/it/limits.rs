//! Jobs that take all they can get. (J-15; a job without end is in `realise.rs`.)

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use gatos_nix::nix::Nix;
use gatos_nix::realise::{Options, Outcome, realise};
use gatos_nix::{Cancel, RESERVE_BYTES};

use crate::stage::Stage;

/// A small file system in memory.
struct Small(PathBuf);

impl Small {
    /// One of this size; none where this user may not mount, which is said.
    fn at(path: PathBuf, size: &str) -> Option<Self> {
        std::fs::create_dir_all(&path).unwrap();
        let skipped = std::env::var_os("GATOS_SKIP_PRIVILEGED").is_some();
        if skipped || !rustix::process::geteuid().is_root() {
            // Past the test harness, which would hide it.
            let _ = writeln!(std::io::stderr(), "skipped: a small disk needs Root");
            return None;
        }
        let options = format!("size={size}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "none"]);
        assert!(mount.arg(&path).status().unwrap().success());
        Some(Self(path))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn j15_a_job_that_fills_the_disk_is_stopped_while_there_is_room_to_record_it() {
    let mut stage = Stage::new();
    let Some(small) = Small::at(stage.path("small"), "400m") else {
        return;
    };
    stage.nix = Nix::find().unwrap().with_store_below(&small.0);
    let endless =
        "mkdir $out; while true; do head -c 8000000 /dev/zero >> $out/big; sleep 0.1; done";
    let closure = stage.toy(endless);
    let execution = stage.realise(&closure).unwrap();
    assert!(
        matches!(execution.outcome, Outcome::DiskFull),
        "{execution:?}"
    );
    let left = free(&small.0);
    assert!(left > RESERVE_BYTES / 2, "{left} bytes were left");
}

/// The control: one that takes less than there is ends by itself.
#[test]
fn j15_a_job_that_leaves_the_reserve_is_not_stopped() {
    let mut stage = Stage::new();
    let Some(small) = Small::at(stage.path("small"), "400m") else {
        return;
    };
    stage.nix = Nix::find().unwrap().with_store_below(&small.0);
    let execution = stage.realise(&stage.toy("head -c 8000000 /dev/zero > $out; sleep 1"));
    let outcome = execution.unwrap().outcome;
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
}

/// Bytes that are free, as `df` says.
fn free(path: &Path) -> u64 {
    let mut df = Command::new("df");
    let output = df.args(["--output=avail", "-B1"]).arg(path).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    text.lines().last().unwrap().trim().parse().unwrap()
}

#[test]
fn j15_a_job_of_many_processes_ends_whole_when_its_time_is_over() {
    let stage = Stage::new();
    // Each starts two more until there are hundreds: a fork bomb that stops growing.
    let seconds = 400_000 + std::process::id();
    let bomb = format!(
        "bomb() {{ if [ $1 -gt 0 ]; then bomb $(($1 - 1)) & bomb $(($1 - 1)) & fi; \
         exec sleep {seconds}; }}; bomb 7"
    );
    let closure = stage.toy(&bomb);
    let mut options = Options {
        timeout: Some(Duration::from_secs(3)),
        cancel: Cancel::new(),
        cores: None,
        progress: &mut |_| {},
    };
    let execution = realise(&stage.nix, &closure, &mut options).unwrap();
    assert!(
        matches!(execution.outcome, Outcome::TimedOut),
        "{execution:?}"
    );
    // The kernel ends the processes of a sandbox when its first one is gone; Nix does not wait.
    let pattern = format!("^sleep {seconds}$");
    let left = || Command::new("pgrep").args(["-f", &pattern]).status();
    for _ in 0..200 {
        if !left().unwrap().success() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("processes of the job are left");
}
