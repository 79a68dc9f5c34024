//! Appending: what each caller is told, and what is in the journal.

use gatos::daemon::ClientError;
use gatos::journal::AppendReport;
use gatos::rpc::Code;
use gatos::{ErrorKind, Event, Signed, Unwatched, journal};
use gatos_core::keys::SecretKey;
use serde_json::json;

use crate::lab::{Lab, draft};

fn report(answer: &serde_json::value::RawValue) -> AppendReport {
    serde_json::from_str(answer.get()).unwrap()
}

fn refusal(error: ClientError) -> (Code, String) {
    match error {
        ClientError::Refused(refusal) => (refusal.code, refusal.reason),
        other => panic!("{other}"),
    }
}

#[test]
fn a_signed_event_is_recorded_as_it_is() {
    let lab = Lab::new();
    let _daemon = lab.start();
    let mut client = lab.client();
    assert_eq!(client.ask("ping", &json!({})).unwrap().get(), "{}");
    let event = lab.signed("m", 1, None);
    let told = client.ask("append", &json!({"journal": "m", "events": [event]}));
    let told = report(&told.unwrap());
    assert_eq!((told.appended, told.first, told.size), (1, Some(0), 1));
    // Again: a success that writes nothing.
    let again = client.ask("append", &json!({"journal": "m", "events": [event]}));
    let again = report(&again.unwrap());
    assert_eq!((again.appended, again.already_there, again.size), (0, 1, 1));
    assert_eq!(again.history_root, told.history_root);
    let events = lab.events("m");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].ulid, told.ulids[0]);
    assert_eq!(events[0].payload.get(), "{\"n\":1}");
    lab.verify("m");
}

#[test]
fn drafts_are_signed_with_the_key_of_the_daemon() {
    let lab = Lab::new();
    {
        let _daemon = lab.start();
        let drafts = json!({"journal": "m", "drafts": [{"type": "t", "payload": {"x": 1}}]});
        let told = lab.client().ask("append", &drafts).unwrap();
        assert_eq!(report(&told).appended, 1);
        assert_eq!(lab.events("m")[0].actor, "alice");
    }
    let _daemon = crate::lab::Daemon::start(lab.gatosd(&["run"]));
    let drafts = json!({"journal": "m", "drafts": [{"type": "t", "payload": 1}]});
    let (code, _) = refusal(lab.client().ask("append", &drafts).unwrap_err());
    assert_eq!(code, Code::NoKey);
    // What is signed already needs no key of the daemon.
    let event = lab.signed("m", 1, None);
    let signed = json!({"journal": "m", "events": [event]});
    assert_eq!(
        report(&lab.client().ask("append", &signed).unwrap()).size,
        2
    );
}

#[test]
fn drafts_are_signed_under_the_policy_in_force_however_late_it_came() {
    let lab = Lab::new();
    let _daemon = lab.start();
    let mut client = lab.client();
    let drafts = json!([{"type": "number", "payload": {"n": 1}}]);
    let alone = json!({"journal": "m", "drafts": drafts});
    client.ask("append", &alone).unwrap();
    let stale = lab.signed("m", 2, None);
    // The daemon has seen no policy but the first, and is not told of the next.
    lab.admit(&[("bob", &[8])]);
    let told = client.ask("append", &alone).unwrap();
    assert_eq!(report(&told).appended, 1);
    lab.admit(&[("carol", &[9])]);
    let mixed = json!({"journal": "m", "events": [stale], "drafts": drafts});
    let (_, reason) = refusal(client.ask("append", &mixed).unwrap_err());
    assert!(reason.contains("policy"), "{reason}");
    let signed_now = lab.signed("m", 3, None);
    let mixed = json!({"journal": "m", "events": [signed_now], "drafts": drafts});
    assert_eq!(report(&client.ask("append", &mixed).unwrap()).appended, 2);
    assert_eq!(lab.events("m").len(), 4);
    // Whoever signed under which policy is looked at there.
    lab.verify("m");
}

#[test]
fn what_may_not_be_appended_is_refused_with_its_reason() {
    let lab = Lab::new();
    let _daemon = lab.start();
    let mut client = lab.client();
    let mut ask = |journal: &str, events: &[String]| {
        let asked = client.ask("append", &json!({"journal": journal, "events": events}));
        refusal(asked.unwrap_err())
    };
    let kind = |kind| Code::Operation(kind);
    let good = lab.signed("m", 1, None);
    // Another journal's, and another repository's.
    let (code, reason) = ask("other", std::slice::from_ref(&good));
    assert_eq!(code, kind(ErrorKind::Mismatch), "{reason}");
    let (code, reason) = ask("m", &[Lab::new().signed("m", 1, None)]);
    assert_eq!(code, kind(ErrorKind::Mismatch), "{reason}");
    // One bit of it.
    let mut bytes = data_encoding::BASE64.decode(good.as_bytes()).unwrap();
    // A byte of the payload, which comes first.
    bytes[100] ^= 1;
    let (code, reason) = ask("m", &[data_encoding::BASE64.encode(&bytes)]);
    assert_eq!(code, kind(ErrorKind::Mismatch), "{reason}");
    // The same, said by somebody whom nobody knows.
    let bytes = data_encoding::BASE64.decode(good.as_bytes()).unwrap();
    let event: Signed<Event> = Signed::decode(&bytes).unwrap();
    let stranger = SecretKey::from_seed([9; 32]);
    let event = Signed::seal(event.statement().clone(), &stranger).unwrap();
    let event = data_encoding::BASE64.encode(&event.envelope().encode());
    let (code, reason) = ask("m", &[event]);
    assert_eq!(code, kind(ErrorKind::Untrusted), "{reason}");
    let (code, reason) = ask("m", &[good, "aGVsbG8=".to_owned()]);
    assert_eq!(code, kind(ErrorKind::Usage), "{reason}");
    assert!(reason.contains("event 1 of the request"), "{reason}");
    assert!(gatos::journal::journals(&lab.open()).unwrap().is_empty());
}

#[test]
fn a_conflict_of_one_caller_does_not_fail_the_others() {
    let lab = Lab::new();
    let journal = "m".parse().unwrap();
    let first = journal::append(
        &lab.open(),
        &journal,
        vec![draft(1, None)],
        &*lab.key,
        &mut Unwatched,
    );
    let taken = first.unwrap().ulids[0].parse().unwrap();
    let _daemon = lab.start();
    let mut client = lab.client();
    // All in flight at once, so that they are one group: conflict, fresh, twin of the fresh one.
    let ulid = gatos::new_ulid().unwrap();
    let events = [
        lab.signed("m", 9, Some(taken)),
        lab.signed("m", 2, Some(ulid)),
        lab.signed("m", 2, Some(ulid)),
        lab.signed("m", 3, Some(ulid)),
        lab.signed("m", 4, None),
    ];
    let ids = events.map(|event| {
        let fields = json!({"journal": "m", "events": [event]});
        client.send("append", &fields).unwrap()
    });
    let told = ids.map(|id| client.answer(&id));
    let [conflict, fresh, twin, other, last] = told;
    let (code, reason) = refusal(conflict.unwrap_err());
    assert_eq!(code, Code::Operation(ErrorKind::Failed));
    assert!(
        reason.contains("is taken in `m` by other content"),
        "{reason}"
    );
    assert_eq!(report(&fresh.unwrap()).first, Some(1));
    assert_eq!(report(&twin.unwrap()).already_there, 1);
    assert!(refusal(other.unwrap_err()).1.contains("is taken"));
    assert_eq!(report(&last.unwrap()).first, Some(2));
    assert_eq!(lab.events("m").len(), 3);
}
