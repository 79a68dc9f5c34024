//! Programs that do not read, and work that does not fit: bounded, told, and harmless to others.

use std::io::{Read as _, Write as _};
use std::process::Command;
use std::time::Duration;

use gatos::daemon::ClientError;
use gatos::journal::AppendReport;
use gatos::rpc::Code;
use gatos::{Unwatched, Value, journal};
use serde_json::json;

use crate::lab::Lab;

fn status(lab: &Lab) -> serde_json::Value {
    let answer = lab.client().ask("status", &json!({})).unwrap();
    serde_json::from_str(answer.get()).unwrap()
}

#[test]
fn whoever_does_not_read_is_told_so_and_holds_up_nobody() {
    const EVENTS: u64 = 3000;
    let lab = Lab::new();
    let drafts = (0..EVENTS).map(|_| journal::Draft {
        payload: Value::text("x".repeat(5000)),
        ..crate::lab::draft(0, None)
    });
    let journal = "m".parse().unwrap();
    let drafts = drafts.collect();
    journal::append(&lab.open(), &journal, drafts, &*lab.key, &mut Unwatched).unwrap();
    let _daemon = lab.start_with(&["--patience", "3000", "--no-keep"]);
    let mut slow = lab.stream();
    writeln!(
        slow,
        r#"{{"id":1,"method":"follow","journal":"m","since":0}}"#
    )
    .unwrap();
    // Others are served all the while, until the stream has ended.
    let mut appended = 0;
    let mut client = lab.client();
    let mut begun = false;
    loop {
        let follows = status(&lab)["follows"].as_u64().unwrap();
        begun = begun || follows == 1;
        if begun && follows == 0 {
            break;
        }
        let event = lab.signed("other", appended, None);
        let fields = json!({"journal": "other", "events": [event]});
        client.ask("append", &fields).unwrap();
        appended += 1;
    }
    assert!(appended > 10, "{appended}");
    let mut text = String::new();
    slow.read_to_string(&mut text).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (last, before) = lines.split_last().unwrap();
    assert_eq!(last["code"], "slow", "{last}");
    let next = before.len() as u64 - 1;
    assert!(next > 0 && next < EVENTS, "{next}");
    for (index, line) in before.iter().skip(1).enumerate() {
        assert_eq!(line["item"]["index"], index);
    }
    // Go on where it ended.
    let mut client = lab.client();
    let rest = json!({"journal": "m", "since": next, "limit": EVENTS - next});
    let end = client.ask("follow", &rest).unwrap();
    assert_eq!(
        end.get(),
        format!("{{\"journal\":\"m\",\"next\":{EVENTS}}}")
    );
}

#[test]
fn what_does_not_fit_into_the_queue_is_refused_and_the_rest_is_done() {
    let lab = Lab::new();
    let _daemon = lab.start();
    let event = lab.signed("m", 1, None);
    // Whoever would write opens this file first, and is held there until somebody reads it, so that
    // requests pile up.
    let turn = lab.work().join(".git/gatos/turn");
    let _ = std::fs::remove_file(&turn);
    let made = Command::new("mkfifo").arg(&turn).status().unwrap();
    assert!(made.success());
    let fields = json!({"journal": "m", "events": [event]});
    let mut clients: Vec<_> = (0..5).map(|_| lab.client()).collect();
    let sent: Vec<_> = clients
        .iter_mut()
        .map(|client| {
            let ids = (0..1000).map(|_| client.send("append", &fields).unwrap());
            ids.collect::<Vec<_>>()
        })
        .collect();
    // Other programs are served meanwhile.
    while status(&lab)["waiting"].as_u64().unwrap() < 4096 {
        std::thread::sleep(Duration::from_millis(20));
    }
    let _turn = std::fs::File::open(&turn).unwrap();
    let (mut done, mut busy, mut fresh) = (0, 0, 0);
    for (client, ids) in clients.iter_mut().zip(&sent) {
        // In the order of their coming, which is not that of the requests.
        for _ in ids {
            let message = client.receive().unwrap();
            match message.body {
                gatos::rpc::Body::Done(result) => {
                    let report: AppendReport = serde_json::from_str(result.get()).unwrap();
                    done += 1;
                    fresh += report.appended;
                }
                gatos::rpc::Body::Refused(refusal) => {
                    assert_eq!(refusal.code, Code::Busy, "{}", refusal.reason);
                    busy += 1;
                }
                gatos::rpc::Body::Note(..) => panic!("an append has no notes"),
            }
        }
    }
    assert_eq!((done + busy, fresh), (5000, 1));
    assert!(busy > 0 && done >= 4096, "{busy} busy, {done} done");
    assert_eq!(lab.events("m").len(), 1);
}

#[test]
fn an_answer_that_is_no_line_is_refused() {
    let lab = Lab::new();
    let draft = journal::Draft {
        payload: Value::text("\u{1}".repeat(250_000)),
        ..crate::lab::draft(0, None)
    };
    let journal = "m".parse().unwrap();
    journal::append(
        &lab.open(),
        &journal,
        vec![draft],
        &*lab.key,
        &mut Unwatched,
    )
    .unwrap();
    let _daemon = lab.start();
    let asked = lab
        .client()
        .ask("show", &json!({"journal": "m", "event": 0}));
    let Err(ClientError::Refused(refusal)) = asked else {
        panic!("{asked:?}");
    };
    assert_eq!(refusal.code, Code::TooLong, "{}", refusal.reason);
}
