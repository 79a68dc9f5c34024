//! Watching people agree: everything once, in order, from where one left off, and slow ones alone.

use std::io::{Read as _, Write as _};

use gatos::daemon::Client;
use gatos::governance::{self, Verdict};
use gatos::rpc::{Body, Note};
use serde_json::{Value, json};

use crate::lab::{Daemon, Lab, about, seeded};

/// The next thing that a stream says.
fn next(client: &mut Client) -> (Option<Note>, Value) {
    match client.receive().unwrap().body {
        Body::Note(note, content) => (Some(note), serde_json::from_str(content.get()).unwrap()),
        Body::Done(result) => (None, serde_json::from_str(result.get()).unwrap()),
        Body::Refused(refusal) => panic!("{refusal:?}"),
    }
}

/// Begin to watch: the stream, and its `ack`.
fn watch(lab: &Lab, fields: &Value) -> (Client, Value) {
    let mut client = lab.client();
    client.send("watch", fields).unwrap();
    let (note, ack) = next(&mut client);
    assert_eq!(note, Some(Note::Ack));
    (client, ack)
}

/// The steps of so many announcements, which must follow one another.
fn steps(client: &mut Client, from: u64, count: u64) -> Vec<String> {
    let numbered = from..from + count;
    let told = numbered.map(|index| {
        let (note, item) = next(client);
        assert_eq!(note, Some(Note::Item), "{item}");
        assert_eq!(item["index"], index, "{item}");
        item["step"].as_str().unwrap().to_owned()
    });
    told.collect()
}

fn approve(lab: &Lab, proposal: &str, verdict: Verdict, seed: u8) {
    let approval = lab.said(proposal, verdict, &seeded(seed));
    let fields = json!({ "approval": approval });
    lab.client().ask("approve", &fields).unwrap();
}

#[test]
fn everything_that_happens_is_announced_and_logged_whoever_does_it() {
    let lab = Lab::new();
    lab.admit(&[("bob", &[8]), ("carol", &[9])]);
    let mut daemon = lab.start();
    let (mut client, ack) = watch(&lab, &json!({}));
    let from = ack["next"].as_u64().unwrap();
    // Through the daemon, and beside it.
    let proposal = lab.propose("the plan");
    assert_eq!(steps(&mut client, from, 1), ["proposed"]);
    approve(&lab, &proposal, Verdict::Approve, 8);
    let (_, item) = next(&mut client);
    assert_eq!(
        (&item["step"], &item["actor"], &item["proposal"]),
        (&json!("approved"), &json!("bob"), &json!(proposal))
    );
    assert!(
        item["missing"].as_str().unwrap().contains("govern"),
        "{item}"
    );
    let said = (Verdict::Approve, "");
    governance::approve(&lab.open(), &proposal, said, &*lab.key).unwrap();
    assert_eq!(
        steps(&mut client, from + 2, 2),
        ["approved", "quorum-reached"]
    );
    let granted = governance::grant(&lab.open(), &proposal, &*lab.key).unwrap();
    governance::revoke(&lab.open(), &granted.grant, "", &seeded(8)).unwrap();
    assert_eq!(steps(&mut client, from + 4, 2), ["granted", "revoked"]);
    // A no of somebody who does not govern is told, and is no matter here.
    approve(&lab, &proposal, Verdict::Reject, 9);
    assert_eq!(steps(&mut client, from + 6, 1), ["rejected"]);
    // A policy that takes effect.
    lab.admit(&[("dave", &[10])]);
    assert_eq!(steps(&mut client, from + 7, 2), ["proposed", "activated"]);
    // A grant of an event, and the event.
    let payload = json!({"n": 1}).to_string();
    let draft = governance::Draft {
        what: governance::What::Other(governance::event_subject(&payload).unwrap()),
        ..about("one more sample")
    };
    let proposed = governance::propose(&lab.open(), draft, &*lab.key).unwrap();
    governance::approve(&lab.open(), &proposed.proposal, said, &*lab.key).unwrap();
    governance::grant(&lab.open(), &proposed.proposal, &*lab.key).unwrap();
    let told = steps(&mut client, from + 9, 4);
    assert_eq!(told, ["proposed", "approved", "quorum-reached", "granted"]);
    let event = json!({"journal": "m", "events": [lab.signed("m", 1, None)]});
    lab.client().ask("append", &event).unwrap();
    assert_eq!(steps(&mut client, from + 13, 1), ["used"]);
    for text in [
        "proposed",
        "approved",
        "quorum reached",
        "taken back",
        "in force",
        "used up",
    ] {
        daemon.wait_for(text);
    }
}

#[test]
fn a_stream_goes_on_where_it_ended_and_begins_anew_with_another_daemon() {
    let lab = Lab::new();
    lab.admit(&[("bob", &[8])]);
    let first = lab.propose("first");
    let daemon = lab.start();
    let (mut client, ack) = watch(&lab, &json!({"since": 0, "limit": 3}));
    assert_eq!(ack["next"], 0);
    // What was there before comes first: two proposals, and a policy that took effect.
    let mut told = steps(&mut client, 0, 3);
    told.sort();
    assert_eq!(told, ["activated", "proposed", "proposed"]);
    let (note, end) = next(&mut client);
    assert_eq!((note, &end["next"]), (None, &json!(3)));
    // What happens while nobody watches is sent to whoever goes on.
    approve(&lab, &first, Verdict::Approve, 8);
    let series = &ack["series"];
    let go_on = json!({"series": series, "since": 3, "limit": 1});
    let (mut client, _) = watch(&lab, &go_on);
    assert_eq!(steps(&mut client, 3, 1), ["approved"]);
    daemon.signal("KILL");
    daemon.end();
    // Something happens while there is no daemon, and numbers mean nothing to the next one.
    let second = lab.propose("second");
    let _daemon = lab.start();
    let (mut client, ack) = watch(&lab, &json!({"series": series, "since": 4}));
    assert_ne!(ack["series"], *series);
    assert_eq!(ack["next"], 0);
    let all: Vec<Value> = (0..5).map(|_| next(&mut client).1).collect();
    assert!(
        all.iter().any(|item| item["proposal"] == json!(second)),
        "{all:?}"
    );
    assert!(all.iter().any(|item| item["step"] == "approved"), "{all:?}");
}

#[test]
fn whoever_is_answered_can_rely_on_the_announcement() {
    let lab = Lab::new();
    lab.admit(&[("bob", &[8]), ("carol", &[9])]);
    let proposal = lab.propose("the plan");
    let _daemon = lab.start();
    let (_, ack) = watch(&lab, &json!({}));
    let mut next = ack["next"].as_u64().unwrap();
    for seed in [8, 9] {
        approve(&lab, &proposal, Verdict::Approve, seed);
        let (_, ack) = watch(&lab, &json!({}));
        next += 1;
        assert_eq!(ack["next"], next);
    }
}

#[test]
fn what_does_not_count_is_announced_to_nobody() {
    let lab = Lab::new();
    lab.admit(&[("bob", &[8])]);
    let proposal = lab.propose("the plan");
    let other = lab.propose("another plan");
    let mut daemon = lab.start();
    let (mut client, ack) = watch(&lab, &json!({}));
    let from = ack["next"].as_u64().unwrap();
    // Somebody lays the approval of one proposal where one of another would be.
    approve(&lab, &proposal, Verdict::Approve, 8);
    assert_eq!(steps(&mut client, from, 1), ["approved"]);
    let refs = format!("refs/gatos/approvals/{proposal}");
    let name = lab.git(&["for-each-ref", "--format=%(refname)", &refs]);
    lab.git(&["update-ref", &name.replace(&proposal, &other), &name]);
    let line = daemon.wait_for("something does not count");
    assert!(line.contains("another proposal"), "{line}");
    lab.propose("the next");
    assert_eq!(steps(&mut client, from + 1, 1), ["proposed"]);
}

#[test]
fn a_slow_watcher_is_told_so_and_holds_up_nobody() {
    const MANY: usize = 120;
    let lab = Lab::new();
    for number in 0..MANY {
        let draft = governance::Draft {
            title: format!("{number} {}", "x".repeat(190)),
            ..about("many")
        };
        governance::propose(&lab.open(), draft, &*lab.key).unwrap();
    }
    let _daemon = Daemon::start(lab.gatosd(&[
        "run",
        "--key",
        lab.path("key").to_str().unwrap(),
        "--patience",
        "1000",
        "--no-keep",
    ]));
    // Every stream of one connection waits for the same reader, who does not read.
    let mut slow = lab.stream();
    for id in 0..130 {
        writeln!(slow, r#"{{"id":{id},"method":"watch","since":0}}"#).unwrap();
    }
    let status = || {
        let answer = lab.client().ask("status", &json!({})).unwrap();
        serde_json::from_str::<Value>(answer.get()).unwrap()
    };
    let (mut begun, mut appended) = (false, 0);
    loop {
        let follows = status()["follows"].as_u64().unwrap();
        begun = begun || follows > 0;
        if begun && follows == 0 {
            break;
        }
        let event = lab.signed("m", appended, None);
        let fields = json!({"journal": "m", "events": [event]});
        lab.client().ask("append", &fields).unwrap();
        appended += 1;
    }
    assert!(appended > 3, "{appended}");
    let mut text = String::new();
    slow.read_to_string(&mut text).unwrap();
    let last = text.lines().last().unwrap();
    assert!(last.contains("\"code\":\"slow\""), "{last}");
}
