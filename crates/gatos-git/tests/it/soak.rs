//! Many writers at once, with packing and collecting all the time.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gatos_git::{ObjectId, Outcome, Repository, TransactionError};

use super::driver::{Driver, text};
use super::fixture::{Fixture, append, journal, payloads, times};

/// Processes append; returns what they acknowledged.
fn append_from_processes(fixture: &Fixture, processes: usize, each: usize) -> BTreeSet<String> {
    let mut drivers: Vec<Driver> = (0..processes)
        .map(|worker| {
            let worker = format!("w{worker}");
            let count = each.to_string();
            Driver::start(&["appends", text(fixture.path()), &count, &worker, "durable"])
        })
        .collect();
    for driver in &mut drivers {
        driver.release();
    }
    let mut acknowledged = BTreeSet::new();
    for driver in drivers {
        for line in driver.finish().lines {
            let event = line
                .strip_prefix("acked ")
                .unwrap_or_else(|| panic!("{line}"));
            assert!(
                acknowledged.insert(event.to_owned()),
                "{event} was acknowledged twice"
            );
        }
    }
    acknowledged
}

/// What is in the journal is what was acknowledged, each once, and each writer's in its order.
fn assert_journal_holds(repository: &Repository, acknowledged: &BTreeSet<String>) {
    let found = payloads(repository, &journal());
    let distinct: BTreeSet<String> = found.iter().cloned().collect();
    assert_eq!(
        distinct.len(),
        found.len(),
        "an event stands in the journal twice"
    );
    assert_eq!(&distinct, acknowledged);
    let mut last = std::collections::BTreeMap::new();
    for event in &found {
        let (worker, number) = event.split_once(' ').unwrap();
        let number: usize = number.parse().unwrap();
        let before = last.insert(worker, number);
        assert!(
            before.is_none_or(|before| before < number),
            "{event} is out of order"
        );
    }
}

#[test]
fn ten_processes_append_and_nothing_is_lost() {
    let fixture = Fixture::new();
    let each = times(10, 100);
    let acknowledged = append_from_processes(&fixture, 10, each);
    assert_eq!(acknowledged.len(), 10 * each);
    assert_journal_holds(&fixture.open(), &acknowledged);
    fixture.assert_sound();
    assert_eq!(fixture.locks(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a07_a22_appending_while_git_packs_and_collects() {
    let fixture = Fixture::new();
    let done = AtomicBool::new(false);
    let (acknowledged, (rounds, reads)) = std::thread::scope(|scope| {
        let packer = scope.spawn(|| {
            let mut rounds = 0;
            while !done.load(Ordering::Relaxed) {
                fixture.try_git(&["pack-refs", "--all"]);
                fixture.try_git(&["gc", "--quiet"]);
                rounds += 1;
            }
            rounds
        });
        let reader = scope.spawn(|| watch(&fixture.open(), &done));
        let acknowledged = append_from_processes(&fixture, 4, times(20, 500));
        done.store(true, Ordering::Relaxed);
        (
            acknowledged,
            (packer.join().unwrap(), reader.join().unwrap()),
        )
    });
    assert!(rounds > 0 && reads > 0);
    assert_journal_holds(&fixture.open(), &acknowledged);
    fixture.assert_sound();
}

/// Read the journal until `done`: each head descends from the one before.
fn watch(repository: &Repository, done: &AtomicBool) -> usize {
    let mut last: Option<ObjectId> = None;
    let mut reads = 0;
    while !done.load(Ordering::Relaxed) {
        let head = repository.find_ref(&journal()).unwrap();
        assert!(head.is_some() || last.is_none(), "the journal went away");
        if let Some(head) = head {
            repository.history_since(last, head).unwrap();
            last = Some(head);
        }
        reads += 1;
    }
    reads
}

#[test]
fn a23_threads_share_a_repository() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let each = times(10, 500);
    std::thread::scope(|scope| {
        for worker in 0..8 {
            let repository = &repository;
            scope.spawn(move || {
                for number in 0..each {
                    let event = format!("t{worker} {number}");
                    loop {
                        let _turn = repository.wait_turn(Duration::from_secs(5));
                        match append(repository, &journal(), &event) {
                            Ok(Outcome::Applied) => break,
                            Ok(Outcome::Conflict(_)) | Err(TransactionError::Locked { .. }) => {}
                            Err(error) => panic!("{error:?}"),
                        }
                    }
                }
            });
        }
    });
    let expect: BTreeSet<String> = (0..8)
        .flat_map(|worker| (0..each).map(move |number| format!("t{worker} {number}")))
        .collect();
    assert_journal_holds(&repository, &expect);
}
