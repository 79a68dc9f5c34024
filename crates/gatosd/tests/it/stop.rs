//! Signals, readiness, and what a supervisor sees.

use std::os::unix::net::UnixDatagram;

use serde_json::json;

use crate::lab::{Daemon, Lab};

#[test]
fn a_signal_lets_everybody_have_their_answers() {
    for signal in ["TERM", "INT"] {
        let lab = Lab::new();
        let daemon = lab.start();
        let mut client = lab.client();
        let ids: Vec<_> = (0..50)
            .map(|number| {
                let event = lab.signed("m", number, None);
                let fields = json!({"journal": "m", "events": [event]});
                client.send("append", &fields).unwrap()
            })
            .collect();
        // The first answer says that the daemon has begun to read.
        let mut durable = Vec::from([client.answer(&ids[0]).is_ok()]);
        daemon.signal(signal);
        durable.extend(ids[1..].iter().map(|id| client.answer(id).is_ok()));
        let (code, log) = daemon.end();
        assert_eq!(code, Some(0), "{log}");
        assert!(log.contains("stopped"), "{log}");
        assert!(!lab.socket().exists());
        let count = durable.iter().filter(|durable| **durable).count();
        assert_eq!(lab.events("m").len(), count);
        // What was read is answered. How much that is of what was sent depends on the machine; whoever has
        // no answer sends it again, and nothing is there twice.
        assert!(count > 0, "{log}");
        lab.verify("m");
    }
}

#[test]
fn a_supervisor_is_told() {
    let lab = Lab::new();
    let path = lab.path("notify");
    let notify = UnixDatagram::bind(&path).unwrap();
    let mut command = lab.gatosd(&["run", "--json"]);
    command.env("NOTIFY_SOCKET", &path);
    let daemon = Daemon::start(command);
    let mut told = [0; 4096];
    let count = notify.recv(&mut told).unwrap();
    let text = std::str::from_utf8(&told[..count]).unwrap();
    assert!(text.starts_with("READY=1\nSTATUS=listening at "), "{text}");
    daemon.signal("TERM");
    let count = notify.recv(&mut told).unwrap();
    assert!(told[..count].starts_with(b"STOPPING=1\n"));
    let (code, log) = daemon.end();
    assert_eq!(code, Some(0));
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["level"], "info");
    }
}

#[test]
fn what_cannot_be_served_is_said() {
    let lab = Lab::new();
    for (arguments, code, said) in [
        (
            vec!["run", "--repository", "/"],
            2,
            "is in no usable Git repository",
        ),
        (vec!["run", "--key", "/nonexistent"], 2, "/nonexistent"),
        (
            vec!["run", "--socket", "/nonexistent/x"],
            1,
            "cannot listen at `/nonexistent/x`",
        ),
        (vec!["status"], 5, "no daemon listens"),
        (vec!["run", "--keep", "../x"], 2, "'../x'"),
    ] {
        let output = lab.gatosd(&arguments).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {err}");
        assert!(err.contains(said), "{arguments:?}: {err}");
    }
    let _daemon = lab.start();
    let output = lab.gatosd(&["status"]).output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains("connections  1"), "{out}");
}
