//! Compare-and-swap against writers and packers that come at every possible moment.

use std::sync::Barrier;
use std::time::{Duration, Instant};

use gatos_git::{Durability, Expected, ObjectId, Outcome, RefName, TransactionError};

use super::driver::text;
use super::fixture::{Fixture, Need, append_upon, can, journal, must_append, name, stage, times};
use super::strace::Stopped;

const CLAIM: &str = "refs/gatos/jobs/one/claim";

/// A commit that no test writes itself, as the other writer's value.
fn rival(fixture: &Fixture) -> String {
    let tree = fixture.git(&["mktree"]);
    fixture.git(&["commit-tree", &tree, "-m", "rival"])
}

/// What another writer does while ours stands still.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rival {
    Create,
    CreateAndPack,
    Pack,
    Update,
    UpdateAndPack,
    DeleteAndPack,
}

impl Rival {
    /// Whether the rival changed the ref.
    fn act(self, fixture: &Fixture, target: &str, new: &str, old: &str) -> bool {
        let zero = "0".repeat(40);
        let changed = match self {
            Self::Create | Self::CreateAndPack => {
                fixture.try_git(&["update-ref", target, new, &zero])
            }
            Self::Update | Self::UpdateAndPack => {
                fixture.try_git(&["update-ref", target, new, old])
            }
            Self::DeleteAndPack => fixture.try_git(&["update-ref", "-d", target, old]),
            Self::Pack => fixture.try_git(&["pack-refs", "--all"]),
        };
        if matches!(
            self,
            Self::CreateAndPack | Self::UpdateAndPack | Self::DeleteAndPack
        ) {
            fixture.try_git(&["pack-refs", "--all"]);
        }
        self != Self::Pack && changed.status.success()
    }
}

/// Where a sweep stops the writer.
#[derive(Clone, Copy)]
enum Moments {
    /// After each file that it opens
    Opens,
    /// After each look at `packed-refs`: between a snapshot of it and the locks
    LooksAtPacked,
}

/// Stop `verb` at each moment in turn, let the rival act, and see who believes to have won.
/// Returns how many moments there were and how many of them had two winners.
fn sweep(verb: &str, rival_acts: Rival, packed_before: bool, moments: Moments) -> (usize, usize) {
    let (mut stops, mut double) = (0, 0);
    for when in 1.. {
        let fixture = Fixture::new();
        let repository = fixture.open();
        let creating = matches!(rival_acts, Rival::Create | Rival::CreateAndPack);
        // Something else to pack, so that there is a packed-refs file.
        must_append(&repository, &journal(), "other");
        let old = if creating {
            None
        } else {
            Some(must_append(&repository, &name(CLAIM), "old"))
        };
        if packed_before {
            fixture.git(&["pack-refs", "--all"]);
        }
        let old_text = old.map_or_else(|| "-".to_owned(), |old: ObjectId| old.to_string());
        let rival_value = rival(&fixture);
        let ours = match verb {
            "raw-swap" => must_append(&repository, &name("refs/gatos/ours"), "ours").to_string(),
            _ => "ours".to_owned(),
        };
        let arguments = [verb, text(fixture.path()), CLAIM, &old_text, &ours];
        let packed_refs = fixture.join("packed-refs");
        let stopped = match moments {
            Moments::Opens => Stopped::after(&arguments, "openat", when),
            Moments::LooksAtPacked => {
                Stopped::after_call_on(&arguments, "statx", when, Some(&packed_refs))
            }
        };
        let stopped = match stopped {
            Ok(stopped) => stopped,
            Err(finished) => {
                assert!(finished.says("applied"), "{finished:?}");
                break;
            }
        };
        let rival_won = rival_acts.act(&fixture, CLAIM, &rival_value, &old_text);
        let finished = stopped.finish();
        let we_won = finished.says("applied");
        stops += 1;
        if rival_won && we_won {
            double += 1;
            continue;
        }
        assert!(rival_won || we_won, "nobody won after {when}: {finished:?}");
        let value = repository.find_ref(&name(CLAIM)).unwrap();
        if rival_won {
            let expect = (rival_acts != Rival::DeleteAndPack).then_some(rival_value);
            assert_eq!(value.map(|id| id.to_string()), expect, "after {when}");
            assert!(finished.says("conflict"), "{finished:?}");
        } else {
            let head = value.unwrap();
            if verb != "raw-swap" {
                assert_eq!(super::fixture::payload(&repository, &head), "ours");
            }
        }
        assert_eq!(fixture.locks(), Vec::<std::path::PathBuf>::new());
    }
    (stops, double)
}

#[test]
fn a06_one_winner_whenever_another_writer_packs() {
    if !can("a06", &[Need::Strace]) {
        return;
    }
    let mut cases = vec![
        (Rival::CreateAndPack, false),
        (Rival::UpdateAndPack, true),
        (Rival::DeleteAndPack, true),
    ];
    if super::fixture::soak() {
        cases.extend([
            (Rival::CreateAndPack, true),
            (Rival::Create, true),
            (Rival::Create, false),
            (Rival::UpdateAndPack, false),
            (Rival::Update, true),
            (Rival::Update, false),
            (Rival::DeleteAndPack, false),
            (Rival::Pack, true),
            (Rival::Pack, false),
        ]);
    }
    for (rival, packed_before) in cases {
        let (stops, double) = sweep("swap", rival, packed_before, Moments::Opens);
        assert!(stops >= 8, "{rival:?}: only {stops} moments were tried");
        assert_eq!(double, 0, "{rival:?}: two winners");
        let (_, double) = sweep("swap", rival, packed_before, Moments::LooksAtPacked);
        assert_eq!(double, 0, "{rival:?}: two winners");
    }
}

/// The library's own compare-and-swap in the same schedule. When this stops failing, the library
/// may have been repaired.
#[test]
fn a06n_the_librarys_own_swap_has_two_winners() {
    if !can("a06n", &[Need::Strace]) {
        return;
    }
    for (rival, what) in [
        (Rival::CreateAndPack, "claim with two winners"),
        (Rival::UpdateAndPack, "lost update"),
    ] {
        let (_, double) = sweep("raw-swap", rival, true, Moments::LooksAtPacked);
        assert!(double > 0, "the negative control saw no {what}");
    }
}

#[test]
fn creating_what_is_there_with_the_same_value_is_a_conflict() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let head = must_append(&repository, &journal(), "one");
    for packed in [false, true] {
        if packed {
            fixture.git(&["pack-refs", "--all"]);
        }
        let mut transaction = repository.transaction(Durability::Durable);
        transaction.update(journal(), Expected::Absent, head);
        let Outcome::Conflict(conflict) = transaction.apply().unwrap() else {
            panic!("a claim was won twice");
        };
        assert_eq!((conflict.name, conflict.actual), (journal(), Some(head)));
    }
}

#[test]
fn a_transaction_of_which_one_ref_is_not_as_expected_changes_none() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let head = must_append(&repository, &journal(), "one");
    let mut transaction = repository.transaction(Durability::Durable);
    let new = stage(&mut transaction, None, "new");
    transaction.update(name("refs/gatos/a"), Expected::Absent, new);
    transaction.update(journal(), Expected::At(new), new);
    transaction.update(name("refs/gatos/z"), Expected::Absent, new);
    let conflict = gatos_git::Conflict {
        name: journal(),
        actual: Some(head),
    };
    assert_eq!(transaction.apply().unwrap(), Outcome::Conflict(conflict));
    let refs = repository.gatos_refs().unwrap();
    assert_eq!(refs, [(journal(), head)]);
    assert_eq!(fixture.locks(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a15_a_ref_beside_one_below_it_is_refused() {
    let pairs = [
        ("refs/gatos/a", "refs/gatos/a/b"),
        ("refs/gatos/a/b", "refs/gatos/a"),
    ];
    let deep = [
        ("refs/gatos/a", "refs/gatos/a/b/c"),
        ("refs/gatos/a/b/c", "refs/gatos/a"),
    ];
    for packed in [false, true] {
        for (first, second) in pairs.into_iter().chain(deep) {
            let fixture = Fixture::new();
            let repository = fixture.open();
            must_append(&repository, &name(first), "one");
            if packed {
                fixture.git(&["pack-refs", "--all"]);
            }
            let refused = append_upon(&repository, &name(second), None, "two", Durability::Durable);
            let Err(TransactionError::NameConflict { name: new, other }) = refused else {
                panic!("{second} beside {first}: {refused:?}");
            };
            assert_eq!((new.as_str(), other.as_str()), (second, first));
            fixture.assert_sound();
            assert!(fixture.git(&["for-each-ref"]).contains(first));
        }
    }
}

#[test]
fn a15_two_refs_of_one_transaction_may_not_be_in_each_others_way() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let mut transaction = repository.transaction(Durability::Relaxed);
    let new = stage(&mut transaction, None, "new");
    transaction.update(name("refs/gatos/a"), Expected::Absent, new);
    transaction.update(name("refs/gatos/a/b"), Expected::Absent, new);
    let refused = transaction.apply();
    assert!(
        matches!(refused, Err(TransactionError::NameConflict { .. })),
        "{refused:?}"
    );
    assert_eq!(fixture.git(&["for-each-ref"]), "");
}

#[test]
fn a_ref_can_take_the_place_of_an_empty_directory() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    std::fs::create_dir_all(fixture.join("refs/gatos/journal/data/x/y")).unwrap();
    must_append(&repository, &journal(), "one");
    fixture.assert_sound();
}

#[test]
fn deleting_removes_loose_and_packed_values() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    for (packed, loose_too) in [(false, false), (true, false), (true, true)] {
        let mut head = must_append(&repository, &journal(), "one");
        must_append(&repository, &name("refs/gatos/journal/date"), "other");
        fixture.git(&["tag", "-f", "-a", "-m", "peeled", "t", &head.to_string()]);
        if packed {
            fixture.git(&["pack-refs", "--all"]);
        }
        if loose_too {
            head = must_append(&repository, &journal(), "two");
        }
        let others = |text: String| -> Vec<String> {
            let ours = |line: &&str| !line.ends_with("journal/data");
            text.lines().filter(ours).map(str::to_owned).collect()
        };
        let before = others(fixture.git(&["show-ref", "--dereference"]));
        let mut transaction = repository.transaction(Durability::Durable);
        transaction.delete(journal(), head);
        assert_eq!(transaction.apply().unwrap(), Outcome::Applied);
        assert_eq!(repository.find_ref(&journal()).unwrap(), None);
        assert_eq!(others(fixture.git(&["show-ref", "--dereference"])), before);
        fixture.assert_sound();
    }
}

#[test]
fn a24_batches_that_name_refs_in_opposite_order_do_not_wait_for_each_other() {
    let fixture = Fixture::new();
    let names: [RefName; 2] = [name("refs/gatos/a"), name("refs/gatos/b")];
    let rounds = times(20, 100);
    let barrier = Barrier::new(2);
    let longest = std::thread::scope(|scope| {
        let workers: Vec<_> = [[0, 1], [1, 0]]
            .into_iter()
            .enumerate()
            .map(|(worker, order)| {
                let (names, barrier, repository) = (&names, &barrier, fixture.open());
                scope.spawn(move || {
                    let mut longest = Duration::ZERO;
                    for round in 0..rounds {
                        barrier.wait();
                        let begun = Instant::now();
                        let mut transaction = repository.transaction(Durability::Relaxed);
                        let payload = format!("{worker} {round}");
                        let new = stage(&mut transaction, None, &payload);
                        for index in order {
                            let old = repository.find_ref(&names[index]).unwrap();
                            let expected = old.map_or(Expected::Absent, Expected::At);
                            transaction.update(names[index].clone(), expected, new);
                        }
                        transaction.apply().unwrap();
                        longest = longest.max(begun.elapsed());
                    }
                    longest
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .max()
    });
    assert!(longest.unwrap() < Duration::from_secs(5), "{longest:?}");
    let repository = fixture.open();
    let [a, b] = names.map(|name| repository.find_ref(&name).unwrap());
    assert_eq!(a, b, "batches were applied whole");
}

#[test]
fn a28_a_directory_that_vanishes_is_made_again() {
    if !can("a28", &[Need::Strace]) {
        return;
    }
    // After each mkdir of the writer, whatever is empty is removed, as packing does.
    for when in 1..4 {
        let fixture = Fixture::new();
        let target = "refs/gatos/jobs/one/claim";
        let arguments = ["swap", text(fixture.path()), target, "-", "ours"];
        let finished = match Stopped::after(&arguments, "mkdir", when) {
            Ok(stopped) => {
                let refs = fixture.join("refs/gatos");
                let _ = std::process::Command::new("find")
                    .stderr(std::process::Stdio::null())
                    .arg(&refs)
                    .args(["-type", "d", "-empty", "-delete"])
                    .status();
                stopped.finish()
            }
            Err(finished) => finished,
        };
        assert!(finished.says("applied"), "after {when}: {finished:?}");
    }
}
