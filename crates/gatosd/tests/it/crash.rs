//! `kill -9` at any moment: what was answered is there, and sending everything again adds nothing.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gatos::journal::AppendReport;
use serde_json::json;

use crate::lab::Lab;

const CLIENTS: i64 = 8;
const EACH: i64 = 40;

/// Every client sends its events until somebody kills the daemon, which happens after `acks` answers.
/// The identifiers that were answered.
fn record_until_killed(lab: &Lab, events: &[Vec<String>], acks: usize) -> BTreeSet<String> {
    let daemon = lab.start();
    let answered = Mutex::new(BTreeSet::new());
    let count = AtomicUsize::new(0);
    let clients: Vec<_> = events.iter().map(|_| lab.client()).collect();
    std::thread::scope(|scope| {
        for (events, mut client) in events.iter().zip(clients) {
            let (answered, count, daemon) = (&answered, &count, &daemon);
            scope.spawn(move || {
                for event in events {
                    let fields = json!({"journal": "m", "events": [event]});
                    let Ok(told) = client.ask("append", &fields) else {
                        return;
                    };
                    let report: AppendReport = serde_json::from_str(told.get()).unwrap();
                    answered.lock().unwrap().extend(report.ulids);
                    if count.fetch_add(1, Ordering::SeqCst) == acks {
                        daemon.signal("KILL");
                    }
                }
            });
        }
    });
    let (code, _) = daemon.end();
    assert_eq!(code, None, "killed");
    answered.into_inner().unwrap()
}

#[test]
fn whatever_was_answered_is_there_and_a_retry_adds_nothing() {
    for acks in [0, 1, 2, 5, 13, 34, 89, 200] {
        let lab = Lab::new();
        let numbers = |client: i64| {
            (0..EACH)
                .map(move |n| client * 1000 + n)
                .collect::<Vec<_>>()
        };
        let events: Vec<_> = (0..CLIENTS)
            .map(|client| lab.signed_many("m", &numbers(client), None))
            .collect();
        let answered = record_until_killed(&lab, &events, acks);
        let there: BTreeSet<String> = lab.events("m").into_iter().map(|e| e.ulid).collect();
        assert!(answered.len() > acks);
        let missing: Vec<_> = answered.difference(&there).collect();
        assert!(missing.is_empty(), "after {acks} answers: {missing:?}");
        lab.verify("m");
        // A new daemon takes over, and everything is sent once more.
        let _daemon = lab.start();
        let mut client = lab.client();
        for events in &events {
            let fields = json!({"journal": "m", "events": events});
            if let Err(refused) = client.ask("append", &fields) {
                // Killed between taking a lock and writing down that it is its own: whose lock that is
                // nobody can know, and the message says what to do.
                let lock = lab.work().join(".git/refs/gatos/journal/m.lock");
                assert!(
                    format!("{refused:?}").contains("remove that file"),
                    "{refused:?}"
                );
                std::fs::remove_file(lock).unwrap();
                client.ask("append", &fields).unwrap();
            }
        }
        let total = usize::try_from(CLIENTS * EACH).unwrap();
        assert_eq!(lab.events("m").len(), total);
        lab.verify("m");
    }
}
