//! Journals: append, list, import, prove.

use gatos::journal::{
    Draft, ImportFormat, Range, Which, append, check_proof, import, journals, list, prove,
    prove_consistency,
};
use gatos::{ErrorKind, Unwatched};
use gatos_core::name::JournalName;

use crate::fixture::{Fixture, draft};

fn journal() -> JournalName {
    "numbers".parse().unwrap()
}

fn payloads(fixture: &Fixture, range: Range) -> Vec<String> {
    let mut found = Vec::new();
    list::<gatos::Error>(&fixture.open(), &journal(), range, |event| {
        found.push(event.payload.get().to_owned());
        Ok(())
    })
    .unwrap();
    found
}

#[test]
fn events_stay_in_the_order_of_appending() {
    let fixture = Fixture::new();
    for number in 0..5 {
        assert_eq!(fixture.append("numbers", number).size, number as u64 + 1);
    }
    let all = payloads(&fixture, Range::default());
    assert_eq!(
        all,
        (0..5).map(|n| format!("{{\"n\":{n}}}")).collect::<Vec<_>>()
    );
    let some = payloads(
        &fixture,
        Range {
            since: Some(1),
            limit: Some(2),
            ..Range::default()
        },
    );
    assert_eq!(some, ["{\"n\":1}", "{\"n\":2}"]);
    assert_eq!(journals(&fixture.open()).unwrap()[0].size, 5);
}

#[test]
fn an_identifier_is_appended_once() {
    let fixture = Fixture::new();
    let first = fixture.append("numbers", 1);
    fixture.append("numbers", 2);
    let again = |number| {
        let ulid = Some(first.ulids[0].parse().unwrap());
        let drafts = vec![Draft {
            ulid,
            ..draft(number)
        }];
        append(
            &fixture.open(),
            &journal(),
            drafts,
            &fixture.key,
            &mut Unwatched,
        )
    };
    let same = again(1).unwrap();
    assert_eq!((same.appended, same.already_there, same.size), (0, 1, 2));
    let other = again(3).unwrap_err();
    assert!(other.to_string().contains("is taken"), "{other}");
    assert_eq!(payloads(&fixture, Range::default()).len(), 2);
}

#[test]
fn a_large_append_becomes_batches() {
    let fixture = Fixture::new();
    let drafts = (0..2500).map(draft).collect();
    let report = append(
        &fixture.open(),
        &journal(),
        drafts,
        &fixture.key,
        &mut Unwatched,
    )
    .unwrap();
    assert_eq!((report.appended, report.size), (2500, 2500));
    assert_eq!(payloads(&fixture, Range::default()).len(), 2500);
}

#[test]
fn a_stranger_is_refused() {
    let fixture = Fixture::new();
    let stranger = gatos_core::keys::SecretKey::from_seed([8; 32]);
    let error = append(
        &fixture.open(),
        &journal(),
        vec![draft(1)],
        &stranger,
        &mut Unwatched,
    );
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Refused);
    assert!(journals(&fixture.open()).unwrap().is_empty());
}

#[test]
fn importing_a_file_again_adds_nothing() {
    let fixture = Fixture::new();
    let path = fixture.folder.path().join("data.csv");
    std::fs::write(&path, "date,co2\n19580329,316.1\n19580405,\n").unwrap();
    let run = || {
        let source = (path.as_path(), ImportFormat::Csv);
        let with = (
            &fixture.key as &(dyn gatos_core::keys::Signer + Sync),
            &mut Unwatched as _,
        );
        import(
            &fixture.open(),
            &journal(),
            source,
            Some("measurement"),
            with,
        )
        .unwrap()
    };
    assert_eq!(run().appended, 2);
    let again = run();
    assert_eq!((again.appended, again.already_there, again.size), (0, 2, 2));
    let all = payloads(&fixture, Range::default());
    assert_eq!(all[0], r#"{"co2":316.1,"date":19580329}"#);
    assert_eq!(all[1], r#"{"co2":null,"date":19580405}"#);
}

#[test]
fn proofs_prove_what_they_say_and_nothing_else() {
    let fixture = Fixture::new();
    for number in 0..9 {
        fixture.append("numbers", number);
    }
    let proof = prove(&fixture.open(), &journal(), Which::Index(4)).unwrap();
    let text = serde_json::to_string(&proof).unwrap();
    assert!(
        check_proof(&text)
            .unwrap()
            .proves
            .contains("event 4 of `numbers`")
    );
    let forged = text.replace("\"index\":4", "\"index\":5");
    assert_eq!(
        check_proof(&forged).unwrap_err().kind(),
        ErrorKind::Mismatch
    );
    let proof = prove_consistency(&fixture.open(), &journal(), 6).unwrap();
    let text = serde_json::to_string(&proof).unwrap();
    assert!(
        check_proof(&text)
            .unwrap()
            .proves
            .contains("extends the one of 6")
    );
    let forged = text.replace("\"old_size\":6", "\"old_size\":5");
    assert_eq!(
        check_proof(&forged).unwrap_err().kind(),
        ErrorKind::Mismatch
    );
}
