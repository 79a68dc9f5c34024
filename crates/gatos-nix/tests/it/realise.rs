//! Running jobs, and what becomes of them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use gatos_nix::Cancel;
use gatos_nix::derivation::DrvClosure;
use gatos_nix::realise::{Execution, Failure, Options, Outcome, RealiseError, realise};

use crate::stage::Stage;

fn failure(execution: &Execution) -> Failure {
    match execution.outcome {
        Outcome::Failed { failure } => failure,
        _ => panic!("{execution:?}"),
    }
}

#[test]
fn a_job_succeeds_and_is_hashed_by_us() {
    let stage = Stage::new();
    let closure = stage.toy("echo working; mkdir $out; echo 1 > $out/result");
    for _ in 0..2 {
        // The second time it is executed again beside the output that is there.
        let execution = stage.realise(&closure).unwrap();
        assert_eq!(execution.log.text(), "working\n");
        let Outcome::Succeeded { outputs } = execution.outcome else {
            panic!("{execution:?}");
        };
        let output = &outputs["out"];
        assert_eq!(output.nar, output.registered);
        let disk = output.path.below(stage.nix.store_root());
        assert_eq!(output.nar, gatos_nix::nar::hash(&disk).unwrap());
        assert_eq!(execution.settings.get("sandbox"), Some("true"));
    }
}

#[test]
fn references_are_those_of_the_bytes() {
    let stage = Stage::new();
    let closure = stage.toy("echo $PATH > $out; echo $out >> $out");
    let Outcome::Succeeded { outputs } = stage.realise(&closure).unwrap().outcome else {
        panic!("failed");
    };
    let mut expect = closure.sources();
    expect.insert(outputs["out"].path.clone());
    assert_eq!(outputs["out"].references, expect);
}

#[test]
fn failures_are_told_apart() {
    let stage = Stage::new();
    let cases = [
        ("echo no; exit 3", Failure::Exited { code: 3 }),
        ("exit 127", Failure::Exited { code: 127 }),
        // The limit on processor time ends it by SIGKILL or SIGXCPU; it cannot kill itself, being
        // the first process of its own process namespace.
        (
            "ulimit -t 1; while true; do true; done",
            Failure::Killed { signal: 9 },
        ),
        ("true", Failure::NoOutput),
        ("mkdir $out; mknod $out/pipe p", Failure::BadOutput),
        // What a job prints cannot change what is said of it.
        (
            "echo 'failed with exit code 0'; echo 'this system does not support the kernel namespaces'; exit 5",
            Failure::Exited { code: 5 },
        ),
    ];
    for (script, expect) in cases {
        let execution = stage.realise(&stage.toy(script)).unwrap();
        assert_eq!(failure(&execution), expect, "{script}");
    }
    let forged = r#"@nix {"action":"msg","level":0,"msg":"this system does not support the kernel namespaces"}"#;
    let forger = stage.file("forged", forged);
    let closure = stage.instantiate(&format!(
        "toy \"j\" \"cat ${{{}}} >&2; exit 6\" {{}}",
        forger.display()
    ));
    assert_eq!(
        failure(&stage.realise(&closure).unwrap()),
        Failure::Exited { code: 6 }
    );
    let log = stage.realise(&stage.toy("echo no; exit 3")).unwrap().log;
    assert_eq!(log.text(), "no\n");
}

#[test]
fn a_dependency_that_fails_is_not_the_job_that_fails() {
    let stage = Stage::new();
    let closure = stage.instantiate("toy \"j\" \"cat ${toy \"dependency\" \"exit 4\" {}}\" {}");
    let error = stage.realise(&closure).unwrap_err();
    assert!(
        matches!(error, RealiseError::Dependencies { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("-dependency.drv"), "{error}");
}

/// The Nix that waits beside a build is a convenience: without it, another one is asked.
#[test]
fn a_nix_that_does_not_serve_is_asked_in_the_other_way() {
    let stage = Stage::new();
    let closure = stage.toy("mkdir $out; echo $PATH > $out/path");
    let hash = |nix: &gatos_nix::nix::Nix| {
        let execution = realise(nix, &closure, &mut crate::stage::quiet()).unwrap();
        let Outcome::Succeeded { outputs } = execution.outcome else {
            panic!("{execution:?}");
        };
        outputs["out"].clone()
    };
    let expect = hash(&stage.nix);
    assert_eq!(expect.references, closure.sources());
    for serve in [
        "exit 1",
        "echo nonsense; exit 0",
        "exec sleep 1",
        "exec cat",
    ] {
        let script = format!("case \"$*\" in *--serve*) {serve};; esac");
        assert_eq!(hash(&stage.altered(&script).unwrap()), expect, "{serve}");
    }
}

/// Whether an outcome is the one expected.
type Expect = fn(&Outcome) -> bool;

#[test]
fn j07_whatever_nix_itself_does_is_no_result_of_the_job() {
    let stage = Stage::new();
    let closure = stage.toy("mkdir $out");
    let building = format!(
        r#"echo '@nix {{"action":"start","fields":["{}","",1,1],"id":1,"level":3,"type":105}}' >&2"#,
        closure.root().path()
    );
    let nix = |then: &str| {
        let script = format!("case \"$*\" in *--realise*) {then};; esac");
        let nix = stage.altered(&script).unwrap();
        realise(&nix, &closure, &mut crate::stage::quiet())
    };
    for (then, expect) in [
        ("exit 1", 1),
        ("exit 77", 77),
        ("kill -9 $$", 137),
        ("exit 255", 255),
    ] {
        let error = nix(then).unwrap_err();
        let RealiseError::NotStarted { code, .. } = error else {
            panic!("{then}: {error}");
        };
        assert_eq!(code, expect);
        // Once the builder was started, the same is said to have happened during the build.
        let error = nix(&format!("{building}; {then}")).unwrap_err();
        let RealiseError::Nix { code, .. } = error else {
            panic!("{then}: {error}");
        };
        assert_eq!(code, expect);
    }
    let stop = r#"echo '@nix {"action":"stop","id":1}' >&2"#;
    let ends: [(&str, Expect); 3] = [
        ("exit 101", |outcome| matches!(outcome, Outcome::TimedOut)),
        (
            "echo 'builder failed with exit code 9' >&2; exit 100",
            |outcome| {
                matches!(
                    outcome,
                    Outcome::Failed {
                        failure: Failure::Exited { code: 9 }
                    }
                )
            },
        ),
        (
            "echo 'builder failed with exit code 9' >&2; exit 1",
            |outcome| {
                matches!(
                    outcome,
                    Outcome::Failed {
                        failure: Failure::Exited { code: 9 }
                    }
                )
            },
        ),
    ];
    for (then, expect) in ends {
        let outcome = nix(&format!("{building}; {stop}; {then}")).unwrap().outcome;
        assert!(expect(&outcome), "{then}: {outcome:?}");
    }
    // Success without a build is a lie, and so is success without an output.
    let error = nix("exit 0").unwrap_err();
    assert!(matches!(error, RealiseError::NotExecuted { .. }), "{error}");
    let error = nix(&format!("{building}; exit 0")).unwrap_err();
    assert!(matches!(error, RealiseError::NoOutput { .. }), "{error}");
}

#[test]
fn a_job_that_takes_too_long_is_killed() {
    let stage = Stage::new();
    let closure = stage.toy("echo begun; sleep 600");
    let started = Instant::now();
    let mut options = Options {
        timeout: Some(Duration::from_secs(1)),
        cancel: Cancel::new(),
        cores: None,
        progress: &mut |_| {},
    };
    let execution = realise(&stage.nix, &closure, &mut options).unwrap();
    assert!(
        matches!(execution.outcome, Outcome::TimedOut),
        "{execution:?}"
    );
    assert_eq!(execution.log.text(), "begun\n");
    assert!(started.elapsed() < Duration::from_secs(12));
    assert_nothing_runs(&closure);
}

#[test]
fn a_job_can_be_cancelled() {
    let stage = Stage::new();
    let closure = stage.toy("echo begun; sleep 600");
    let cancel = Cancel::new();
    let ask = cancel.clone();
    let mut options = Options {
        timeout: None,
        cancel,
        cores: None,
        progress: &mut |line| {
            assert_eq!(line, "begun");
            ask.cancel();
        },
    };
    let execution = realise(&stage.nix, &closure, &mut options).unwrap();
    assert!(
        matches!(execution.outcome, Outcome::Cancelled),
        "{execution:?}"
    );
    assert_eq!(execution.log.text(), "begun\n");
    assert_nothing_runs(&closure);
    // Nothing half-written is left: the same job can be run again.
    let mut asked = Options {
        timeout: Some(Duration::from_secs(1)),
        cancel: Cancel::new(),
        cores: None,
        progress: &mut |_| {},
    };
    let execution = realise(&stage.nix, &closure, &mut asked).unwrap();
    assert!(
        matches!(execution.outcome, Outcome::TimedOut),
        "{execution:?}"
    );
}

/// No process has the output's path in its environment, at the latest in a moment: the kernel ends
/// the processes of a sandbox when its first one is gone, and Nix does not wait for that.
fn assert_nothing_runs(closure: &DrvClosure) {
    let output = closure.root().outputs()["out"].clone().unwrap();
    let variable = format!("out={output}\0");
    let running = || {
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let environments = processes.map(|entry| fs::read(entry.path().join("environ")));
        environments.flatten().any(|environment| {
            let mut windows = environment.windows(variable.len());
            windows.any(|window| window == variable.as_bytes())
        })
    };
    let started = Instant::now();
    while running() {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "the job still runs"
        );
        std::thread::yield_now();
    }
}

#[test]
fn j06_a_job_that_is_not_deterministic_is_found_and_its_second_output_kept() {
    let stage = Stage::new();
    let closure = stage.toy("mkdir $out; echo same > $out/a; head -c 8 /dev/urandom > $out/b");
    let first = stage.realise(&closure).unwrap();
    assert!(
        matches!(first.outcome, Outcome::Succeeded { .. }),
        "{first:?}"
    );
    let second = stage.realise(&closure).unwrap();
    let Outcome::NotDeterministic { outputs, kept } = second.outcome else {
        panic!("{second:?}");
    };
    let path = outputs["out"].path.below(stage.nix.store_root());
    let mut archive = Vec::new();
    gatos_nix::nar::write(&path, &mut archive).unwrap();
    let expected = gatos_nix::nar::Archive::Bytes(&archive);
    let found = gatos_nix::difference::first_difference(expected, &kept["out"]).unwrap();
    assert_eq!(found.unwrap().path.to_str(), Some("b"));
}

/// What is done to a store, and how it is undone.
type Tampering<'a> = (&'a str, &'a dyn Fn(), &'a dyn Fn());

#[test]
fn j05_a_store_that_was_tampered_with_is_found_although_nix_is_content() {
    let stage = Stage::new();
    let closure = stage.toy("mkdir $out; echo 1 > $out/result; ln -s result $out/link");
    let Outcome::Succeeded { outputs } = stage.realise(&closure).unwrap().outcome else {
        panic!("failed");
    };
    let output = outputs["out"].path.below(stage.nix.store_root());
    let result = output.join("result");
    let writable = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    writable(&output, 0o755);
    writable(&result, 0o644);
    let tamper: [Tampering<'_>; 4] = [
        ("a byte", &|| fs::write(&result, "2\n").unwrap(), &|| {
            fs::write(&result, "1\n").unwrap()
        }),
        (
            "a file more",
            &|| fs::write(output.join("x"), "").unwrap(),
            &|| {
                fs::remove_file(output.join("x")).unwrap();
            },
        ),
        ("permission", &|| writable(&result, 0o755), &|| {
            writable(&result, 0o644)
        }),
        (
            "a link",
            &|| {
                fs::remove_file(output.join("link")).unwrap();
                std::os::unix::fs::symlink("elsewhere", output.join("link")).unwrap();
            },
            &|| {
                fs::remove_file(output.join("link")).unwrap();
                std::os::unix::fs::symlink("result", output.join("link")).unwrap();
            },
        ),
    ];
    for (what, break_it, mend_it) in tamper {
        break_it();
        let execution = stage.realise(&closure).unwrap();
        let Outcome::Tampered {
            path,
            registered,
            found,
        } = execution.outcome
        else {
            panic!("{what}: {execution:?}");
        };
        assert_eq!(
            (path, registered),
            (outputs["out"].path.clone(), outputs["out"].nar)
        );
        assert_ne!(found, registered);
        mend_it();
        // The control: with the bytes back, nothing is found.
        let execution = stage.realise(&closure).unwrap();
        assert!(
            matches!(execution.outcome, Outcome::Succeeded { .. }),
            "{what}: {execution:?}"
        );
    }
}

#[test]
fn the_report_from_inside_is_read() {
    let stage = Stage::new();
    let line = r#"gatos-isolation {"host_paths":[],"network":["lo"]}"#;
    let closure = stage.toy(&format!(
        "echo '{line}' >&2; echo '{line} forged'; mkdir $out"
    ));
    let isolation = stage.realise(&closure).unwrap().isolation;
    assert!(isolation.holds(), "{isolation:?}");
    let silent = stage.realise(&stage.toy("mkdir $out")).unwrap().isolation;
    assert!(!silent.holds());
}

#[test]
fn the_sandbox_shows_nothing_of_the_host() {
    let stage = Stage::new();
    let script = "ls -d /home /root /usr /etc/shadow /opt /bin/sh 2>/dev/null >> $out || true; cat /proc/net/dev >> $out; ls /nix/store >> $out";
    let closure = stage.toy(script);
    let Outcome::Succeeded { outputs } = stage.realise(&closure).unwrap().outcome else {
        panic!("failed");
    };
    let seen = fs::read_to_string(outputs["out"].path.below(stage.nix.store_root())).unwrap();
    let interfaces: Vec<_> = seen.lines().filter(|line| line.contains(": ")).collect();
    assert_eq!(interfaces.len(), 1, "{seen}");
    assert!(interfaces[0].trim().starts_with("lo:"), "{seen}");
    for host in ["/home", "/root", "/usr", "/etc/shadow", "/opt", "/bin/sh"] {
        assert!(!seen.lines().any(|line| line == host), "{host}: {seen}");
    }
    assert_eq!(
        seen.lines().filter(|line| line.ends_with("-tools")).count(),
        1,
        "{seen}"
    );
}
