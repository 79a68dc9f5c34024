//! What `nix/lib/job.sh` does around a command, run here as the sandbox would.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::study::root;

struct Job {
    top: TempDir,
}

impl Job {
    fn new() -> Self {
        let top = TempDir::new().expect("a temporary folder");
        fs::create_dir(top.path().join("store")).expect("a folder");
        fs::write(top.path().join("store/numbers"), "1\n2\n").expect("a file");
        Self { top }
    }

    fn run(&self, command: &str) -> Output {
        let place = |name: &str| self.top.path().join(name);
        let numbers = place("store/numbers");
        Command::new("bash")
            .arg(root().join("nix/lib/job.sh"))
            .env("NIX_BUILD_TOP", self.top.path())
            .env("NIX_STORE", place("store"))
            .env("NIX_BUILD_CORES", "2")
            .env("out", place("out"))
            .env("program", place("program"))
            .env("gatosName", "small")
            .env("gatosCommand", command)
            .env(
                "gatosLinks",
                format!("inputs/numbers={}", numbers.display()),
            )
            .output()
            .expect("bash")
    }
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_first_line_tells_how_isolated_the_job_is() {
    let output = Job::new().run("echo working >&2; mkdir $out");
    let text = errors(&output);
    let first = text.lines().next().expect("a line");
    let json = first.strip_prefix("gatos-isolation ").expect("the line");
    let seen: serde_json::Value = serde_json::from_str(json).expect("JSON");
    assert_eq!(
        seen.to_string(),
        json,
        "the keys are sorted and nothing is between them"
    );
    let keys: Vec<_> = seen.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        [
            "cores",
            "host_paths",
            "hostname",
            "network",
            "store_entries",
            "uid"
        ]
    );
    assert_eq!(seen["store_entries"], 1);
    assert_eq!(seen["cores"], 2);
    assert!(
        seen["network"]
            .as_array()
            .expect("a list")
            .contains(&"lo".into()),
        "{json}"
    );
    // What is there is told, also where no sandbox is around this test.
    let asked = [
        "/etc/shadow",
        "/home",
        "/mnt",
        "/opt",
        "/root",
        "/srv",
        "/usr",
        "/var",
    ];
    let there: Vec<_> = asked
        .into_iter()
        .filter(|path| Path::new(path).exists())
        .collect();
    assert_eq!(seen["host_paths"], serde_json::json!(there));
}

#[test]
fn a_job_that_writes_a_folder_passes() {
    let job = Job::new();
    let output = job.run("mkdir $out; cp inputs/numbers $out/copy; ls -A > $out/seen");
    assert!(output.status.success(), "{}", errors(&output));
    let read = |name: &str| fs::read_to_string(job.top.path().join("out").join(name)).expect(name);
    assert_eq!(read("copy"), "1\n2\n");
    assert_eq!(
        read("seen"),
        "inputs\n",
        "the work folder holds nothing else"
    );
}

#[test]
fn a_job_that_fails_keeps_its_exit_code() {
    let check = |command: &str, code: i32, expected: &str| {
        let output = Job::new().run(command);
        assert_eq!(output.status.code(), Some(code), "{command}");
        assert!(
            errors(&output).contains(expected),
            "{command}: {}",
            errors(&output)
        );
    };
    check(
        "mkdir $out; exit 7",
        7,
        "ended with exit code 7: mkdir $out; exit 7",
    );
    check("mkdir $out; false | true", 1, "ended with exit code 1");
    check("true", 1, "must create the folder $out");
    check("touch $out", 1, "must create the folder $out");
    check("ln -s inputs $out", 1, "must create the folder $out");
}
