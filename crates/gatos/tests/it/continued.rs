//! A fold that continues from any checkpoint gives what the fold from the beginning gives.

use gatos::verify::{VerificationVerdict, verify_state, verify_state_link};
use gatos::{ErrorKind, Unwatched};
use gatos_core::envelope::Envelope;
use gatos_core::journal::Batch;
use gatos_core::merkle::TreeHash;
use sha2::{Digest as _, Sha256};

use crate::fixture::{Content, Fixture, GROUP, draft};
use crate::repository::git;

const EVENTS: i64 = 24;

/// Whether both ways to verify find a state in order.
fn verified(fixture: &Fixture, state: &str) {
    let (repository, state) = (fixture.open(), state.parse().unwrap());
    for verify in [verify_state, verify_state_link] {
        let report = verify(&repository, &state, &mut Unwatched);
        assert_eq!(report.verdict, VerificationVerdict::Verified, "{report:?}");
    }
}

#[test]
fn from_every_checkpoint_as_from_the_beginning() {
    let fixture = Fixture::new();
    let mut whole = Vec::new();
    for k in 1..=EVENTS {
        fixture.append("numbers", k * 5 % 19);
        fixture.fold(&format!("from-{k}"), GROUP);
        whole.push(fixture.fold(&format!("whole-{k}"), GROUP).state_root);
    }
    for k in 1..EVENTS {
        let continued = fixture.fold(&format!("from-{k}"), GROUP);
        assert_eq!(continued.folded, (EVENTS - k) as u64, "from {k}");
        assert_eq!(continued.state_root, whole[EVENTS as usize - 1], "from {k}");
        assert!(continued.base.is_some());
    }
    // One state that grew event by event has every one of them on its way.
    let fixture = Fixture::new();
    for k in 1..=EVENTS {
        fixture.append("numbers", k * 5 % 19);
        let step = fixture.fold("step", GROUP);
        assert_eq!((step.folded, step.base.is_some()), (1, k > 1));
        assert_eq!(
            fixture.fold(&format!("w-{k}"), GROUP).state_root,
            step.state_root
        );
    }
    verified(&fixture, "step");
}

#[test]
fn a_long_fold_is_cut_into_checkpoints() {
    let fixture = Fixture::new();
    for number in 0..10 {
        fixture.append("numbers", number);
    }
    let cut = fixture.fold_every("cut", GROUP, Some(3)).unwrap();
    assert_eq!((cut.checkpoints, cut.folded), (4, 10));
    let sizes = |state: &str| -> Vec<u64> {
        let point = |at: u64| format!("{state}@{at}").parse().unwrap();
        let all = "".parse().unwrap();
        let show = |at| gatos::fold::show(&fixture.open(), &point(at), &all);
        (0..)
            .map_while(|at| show(at).ok())
            .map(|view| view.history_size)
            .collect()
    };
    assert_eq!(sizes("cut"), [3, 6, 9, 10]);
    let once = fixture.fold_every("once", GROUP, Some(0)).unwrap();
    assert_eq!((once.checkpoints, once.state_root), (1, cut.state_root));
    verified(&fixture, "cut");

    // The profile says it where the command does not, and the policy may be another meanwhile.
    fixture.change_profile(|profile| profile.checkpoint_every = 2);
    for number in 10..15 {
        fixture.append("numbers", number);
    }
    let cut = fixture.fold("cut", GROUP);
    assert_eq!((cut.checkpoints, cut.folded), (3, 5));
    assert_eq!(sizes("cut"), [3, 6, 9, 10, 12, 14, 15]);
    verified(&fixture, "cut");
}

#[test]
fn another_program_or_other_limits_begin_at_the_first_event() {
    let fixture = Fixture::new();
    for number in 0..4 {
        fixture.append("numbers", number);
    }
    fixture.fold("state", GROUP);
    fixture.append("numbers", 4);
    let other = GROUP.replace("n % 7", "n % 6");
    let report = fixture.fold("state", &other);
    assert_eq!((report.folded, report.base), (5, None), "another program");
    assert_eq!(report.state_root, fixture.fold("fresh", &other).state_root);
    let back = fixture.fold("state", GROUP);
    assert_eq!(
        (back.folded, back.base),
        (5, None),
        "the first program again"
    );

    fixture.append("numbers", 5);
    fixture.change_profile(|profile| profile.fold_fuel_per_event += 1);
    let report = fixture.fold("state", GROUP);
    assert_eq!((report.folded, report.base), (6, None), "other limits");

    fixture.change_profile(|profile| profile.keep_bytes += 1);
    let report = fixture.fold("state", GROUP);
    assert_eq!(
        (report.folded, report.unchanged),
        (0, false),
        "another policy alone"
    );
    assert!(report.base.is_some());
    verified(&fixture, "state");
}

#[test]
fn a_clone_without_memory_folds_from_the_first_event_once() {
    let fixture = Fixture::new();
    for number in 0..5 {
        fixture.append("numbers", number);
    }
    let first = fixture.fold("state", GROUP);
    fixture.append("numbers", 5);
    std::fs::remove_file(fixture.folder.path().join(".git/gatos/verified")).unwrap();
    let second = fixture.fold("state", GROUP);
    assert_eq!(second.folded, 6);
    assert_eq!(
        second.base,
        Some(first.proof),
        "what was found true is continued"
    );
    fixture.append("numbers", 6);
    assert_eq!(fixture.fold("state", GROUP).folded, 1);
    let unchanged = fixture.fold("state", GROUP);
    assert_eq!((unchanged.folded, unchanged.unchanged), (0, true));
    verified(&fixture, "state");

    std::fs::write(fixture.folder.path().join(".git/gatos/verified"), "damaged").unwrap();
    fixture.append("numbers", 7);
    assert_eq!(fixture.fold("state", GROUP).folded, 8);
    fixture.append("numbers", 8);
    assert_eq!(fixture.fold("state", GROUP).folded, 1);
}

#[test]
fn a_journal_that_was_set_back_or_rewritten_is_not_continued() {
    let fixture = Fixture::new();
    for number in 0..5 {
        fixture.append("numbers", number);
    }
    fixture.fold("state", GROUP);
    let folder = fixture.folder.path();
    let name = "refs/gatos/journal/numbers";
    git(folder, &["update-ref", name, &format!("{name}~2")]);
    for number in 5..9 {
        fixture.append("numbers", number);
    }
    let report = fixture.fold("state", GROUP);
    assert_eq!((report.folded, report.base), (7, None));
    assert_eq!(report.state_root, fixture.fold("fresh", GROUP).state_root);
}

/// Append to the journal what no writer of ours would.
fn append_raw(fixture: &Fixture, events: Vec<Envelope>) {
    let repository = fixture.open();
    let name: gatos_git::RefName = "refs/gatos/journal/numbers".parse().unwrap();
    let tip = repository.git().find_ref(&name).unwrap().unwrap();
    let blob = git(
        fixture.folder.path(),
        &["rev-parse", &format!("{name}:batch")],
    );
    let bytes = repository.git().read_blob(&blob.parse().unwrap()).unwrap();
    let mut batch = Batch::decode(&bytes).unwrap();
    batch.events = events;
    for event in &batch.events {
        let gatos::Value::Map(fields) = event.payload().unwrap() else {
            unreachable!("events are maps")
        };
        let Some(gatos::Value::Text(ulid)) = fields.get("ulid") else {
            unreachable!("events have identifiers")
        };
        batch
            .head
            .push(TreeHash::leaf(&event.id()), ulid.parse().unwrap());
    }
    fixture.commit(
        name.as_str(),
        Some(tip),
        &[("batch", Content::Bytes(batch.encode()))],
    );
}

fn batch_at_tip(fixture: &Fixture) -> Vec<u8> {
    let id = git(
        fixture.folder.path(),
        &["rev-parse", "refs/gatos/journal/numbers:batch"],
    );
    fixture
        .open()
        .git()
        .read_blob(&id.parse().unwrap())
        .unwrap()
}

#[test]
fn an_event_that_comes_twice_is_found_on_either_side_of_a_checkpoint() {
    let fixture = Fixture::new();
    fixture.append("numbers", 0);
    let first = Batch::decode(&batch_at_tip(&fixture)).unwrap();
    fixture.append("numbers", 1);
    fixture.fold("state", GROUP);
    // An identifier from before the last one, but not one that was there.
    let mut late = draft(2);
    late.ulid = Some("00000000000000000000000000".parse().unwrap());
    let journal = "numbers".parse().unwrap();
    let key = &fixture.key;
    gatos::journal::append(&fixture.open(), &journal, vec![late], key, &mut Unwatched).unwrap();
    assert_eq!(fixture.fold("state", GROUP).folded, 1);
    append_raw(&fixture, first.events);
    let error = fixture.fold_every("state", GROUP, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert!(
        error.full_message().contains("is there already"),
        "{error:?}"
    );
}

#[test]
fn who_writes_to_the_git_directory_can_poison_the_memory_but_no_verification() {
    let fixture = Fixture::new();
    fixture.append("numbers", 0);
    let good = Batch::decode(&batch_at_tip(&fixture)).unwrap();
    // The same event under a signature that is none.
    let name = "refs/gatos/journal/numbers";
    git(fixture.folder.path(), &["update-ref", "-d", name]);
    let mut bytes = good.events[0].encode();
    let signature = *good.events[0].signatures()[0].signature.as_bytes();
    let at = bytes.windows(64).position(|window| window == signature);
    bytes[at.unwrap()] ^= 1;
    let mut bad = good.clone();
    bad.events = vec![Envelope::decode(&bytes).unwrap()];
    let batch = bad.encode();
    fixture.commit(name, None, &[("batch", Content::Bytes(batch.clone()))]);
    let error = fixture.fold_every("state", GROUP, None).unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Mismatch,
        "without poison: {error:?}"
    );

    poison(&fixture, &batch);
    fixture.fold("state", GROUP);
    let state = "state".parse().unwrap();
    let report = verify_state(&fixture.open(), &state, &mut Unwatched);
    assert_eq!(report.verdict, VerificationVerdict::Mismatch, "{report:?}");
    let report = gatos::verify::verify_repository(
        &fixture.open(),
        &gatos::verify::Pins::default(),
        &mut Unwatched,
    );
    assert_eq!(report.verdict, VerificationVerdict::Mismatch, "{report:?}");

    // The gate of a server whose memory is poisoned, as the state would come in.
    let name = "refs/gatos/state/state";
    let tip = git(fixture.folder.path(), &["rev-parse", name]);
    git(fixture.folder.path(), &["update-ref", "-d", name]);
    let candidate = gatos::gate::Candidate {
        name: name.parse().unwrap(),
        old: None,
        new: Some(tip.parse().unwrap()),
    };
    let report = gatos::gate::check_push(
        fixture.folder.path(),
        &[candidate],
        gatos::gate::Elsewhere::default(),
        None,
    )
    .unwrap();
    assert_eq!(report.refused[0].rule, "gate.state");
    let said = &report.refused[0].message;
    assert!(said.contains("event 0 of `numbers`"), "{said}");
}

/// Write down that a batch was verified, as the program itself would.
fn poison(fixture: &Fixture, batch: &[u8]) {
    let rules = concat!("gatos verified 1 ", env!("CARGO_PKG_VERSION"));
    let line = |record: [u8; 32]| {
        let mut hasher = Sha256::new_with_prefix(rules);
        hasher.update(record);
        [&record[..], &hasher.finalize()[..8]].concat()
    };
    let mut hasher = Sha256::new_with_prefix("batch ");
    hasher.update(gatos_core::cid::Cid::of_dag_cbor(batch).to_bytes());
    let lines = [
        line(Sha256::digest(rules).into()),
        line(hasher.finalize().into()),
    ];
    let folder = fixture.folder.path().join(".git/gatos");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("verified"), lines.concat()).unwrap();
}
