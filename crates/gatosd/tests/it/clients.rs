//! Many who record at once.

use std::collections::BTreeSet;
use std::sync::Barrier;

use gatos::daemon::Client;
use gatos::journal::AppendReport;
use serde_json::json;

use crate::lab::{Daemon, Lab};

/// Each of `clients` records `each` events, one after the other, all beginning at once; what they were told.
fn record(lab: &Lab, clients: i64, each: i64) -> Vec<AppendReport> {
    // All are ready before one begins.
    let client = |client: i64| {
        let journal = if client % 8 == 7 { "few" } else { "many" };
        let numbers: Vec<i64> = (0..each).map(|n| client * 1000 + n).collect();
        let events = lab.signed_many(journal, &numbers, None);
        (lab.client(), journal, events)
    };
    let clients: Vec<_> = (0..clients).map(client).collect();
    let barrier = Barrier::new(clients.len());
    let told = std::thread::scope(|scope| {
        let begin = |(mut connection, journal, events): (Client, &'static str, Vec<String>)| {
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                let ask = |event| {
                    let fields = json!({"journal": journal, "events": [event]});
                    let told = connection.ask("append", &fields).unwrap();
                    serde_json::from_str(told.get()).unwrap()
                };
                events.into_iter().map(ask).collect::<Vec<AppendReport>>()
            })
        };
        let begun: Vec<_> = clients.into_iter().map(begin).collect();
        let told = begun.into_iter().map(|client| client.join().unwrap());
        told.collect::<Vec<_>>()
    });
    told.into_iter().flatten().collect()
}

#[test]
fn sixty_four_clients_are_each_told_the_truth_and_share_commits() {
    let lab = Lab::new();
    let _daemon: Daemon = lab.start();
    let told = record(&lab, 64, 10);
    for (journal, count) in [("many", 560), ("few", 80)] {
        let events = lab.events(journal);
        assert_eq!(events.len(), count);
        let mine: Vec<_> = told
            .iter()
            .filter(|report| report.journal == journal)
            .collect();
        let firsts: BTreeSet<u64> = mine.iter().map(|report| report.first.unwrap()).collect();
        assert_eq!(firsts, (0..count as u64).collect());
        for report in mine {
            let first = report.first.unwrap();
            assert_eq!((report.appended, report.size), (1, first + 1));
            let event = &events[usize::try_from(first).unwrap()];
            assert_eq!(event.ulid, report.ulids[0]);
        }
        let name = format!("refs/gatos/journal/{journal}");
        let commits: usize = lab.git(&["rev-list", "--count", &name]).parse().unwrap();
        // How many share a commit depends on the machine; with many clients at once some always do.
        assert!(commits < count, "{commits} commits of {count} events");
        lab.verify(journal);
    }
    // The root that each was told is one that the journal had.
    let history = told.iter().filter(|report| report.journal == "few");
    let told: Vec<_> = history
        .map(|report| (report.size, &report.history_root))
        .collect();
    let tip = gatos::journal::journals(&lab.open()).unwrap();
    let few = tip.iter().find(|view| view.journal == "few").unwrap();
    assert!(told.contains(&(80, &few.history_root)));
    for (size, root) in told {
        let proof = gatos::journal::prove_consistency(&lab.open(), &"few".parse().unwrap(), size);
        let proof = serde_json::to_string(&proof.unwrap()).unwrap();
        assert!(proof.contains(root.as_str()), "{size} {root}: {proof}");
    }
}

#[test]
fn direct_appends_and_the_daemon_do_not_lose_each_others_events() {
    let lab = Lab::new();
    let _daemon = lab.start();
    std::thread::scope(|scope| {
        for writer in 0..3_i64 {
            let lab = &lab;
            scope.spawn(move || {
                let repository = lab.open();
                for number in 0..10 {
                    let drafts = vec![crate::lab::draft(90_000 + writer * 100 + number, None)];
                    let journal = "many".parse().unwrap();
                    let watch = &mut gatos::Unwatched;
                    gatos::journal::append(&repository, &journal, drafts, &*lab.key, watch)
                        .unwrap();
                }
            });
        }
        record(&lab, 7, 10);
    });
    assert_eq!(lab.events("many").len(), 100);
    lab.verify("many");
}
