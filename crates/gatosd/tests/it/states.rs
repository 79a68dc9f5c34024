//! Folding on request and by itself, showing, and following.

use gatos::rpc::{Body, Note};
use gatos::{Unwatched, journal};
use serde_json::{Value, json};

use crate::lab::{Daemon, Lab, draft};

const SUM: &str = "function initial() return { n = 0 } end\n\
                   function fold(state, event)\n  state.n = state.n + event.payload.n\n  \
                   return state\nend\n";

fn ask(lab: &Lab, method: &str, fields: &Value) -> Value {
    let answer = lab.client().ask(method, fields).unwrap();
    serde_json::from_str(answer.get()).unwrap()
}

fn append_directly(lab: &Lab, numbers: &[i64]) {
    let drafts = numbers.iter().map(|number| draft(*number, None)).collect();
    let journal = "m".parse().unwrap();
    journal::append(&lab.open(), &journal, drafts, &*lab.key, &mut Unwatched).unwrap();
}

#[test]
fn a_state_is_folded_when_it_is_asked_for_and_when_its_journal_grows() {
    let lab = Lab::new();
    append_directly(&lab, &[1, 2, 3]);
    let mut daemon = lab.start();
    let mut client = lab.client();
    let fields = json!({"state": "sum", "journal": "m", "source": SUM});
    let id = client.send("fold", &fields).unwrap();
    let (mut acks, mut steps) = (0, 0);
    let report = loop {
        match client.receive().unwrap().body {
            Body::Note(Note::Ack, _) => acks += 1,
            Body::Note(Note::Progress, _) => steps += 1,
            Body::Done(report) => break report,
            other => panic!("{id:?}: {other:?}"),
        }
    };
    assert!(acks == 1 && steps > 0, "{acks} {steps}");
    let report: Value = serde_json::from_str(report.get()).unwrap();
    assert_eq!(report["history_size"], 3);
    let shown = ask(&lab, "show", &json!({"state": "sum"}));
    assert_eq!(shown["value"], json!({"n": 6}));
    daemon.wait_for("folded");
    // Through the daemon, and past it.
    let event = lab.signed("m", 4, None);
    ask(&lab, "append", &json!({"journal": "m", "events": [event]}));
    let line = daemon.wait_for("folded");
    assert!(line.contains("events=\"4\""), "{line}");
    append_directly(&lab, &[5]);
    let line = daemon.wait_for("folded");
    assert!(line.contains("events=\"5\""), "{line}");
    assert_eq!(
        ask(&lab, "show", &json!({"state": "sum"}))["value"],
        json!({"n": 15})
    );
    let path = json!({"state": "sum", "path": "n"});
    assert_eq!(ask(&lab, "show", &path)["value"], json!(15));
    // An earlier checkpoint, and what there is not.
    assert_eq!(
        ask(&lab, "show", &json!({"state": "sum", "at": 0}))["value"],
        json!({"n": 6})
    );
    assert!(lab.client().ask("show", &json!({"state": "none"})).is_err());
    let list = ask(&lab, "list", &json!({}));
    assert_eq!(list["journals"][0]["size"], 5);
    assert_eq!(list["states"][0]["state"], "sum");
    // What a fold cannot do is told to whoever asked.
    let bad = json!({"state": "x", "journal": "m", "source": "return 1"});
    assert!(lab.client().ask("fold", &bad).is_err());
}

/// The indices of the items up to the last line, and that line.
fn follow(lab: &Lab, fields: &Value) -> (Vec<u64>, Body) {
    let mut client = lab.client();
    client.send("follow", fields).unwrap();
    let mut indices = Vec::new();
    loop {
        match client.receive().unwrap().body {
            Body::Note(Note::Item, item) => {
                let event: Value = serde_json::from_str(item.get()).unwrap();
                indices.push(event["index"].as_u64().unwrap());
            }
            Body::Note(..) => {}
            last => return (indices, last),
        }
    }
}

#[test]
fn a_journal_is_followed_across_daemons() {
    let lab = Lab::new();
    let mut indices = Vec::new();
    // It is not there yet.
    for (round, numbers) in [[1, 2, 3], [4, 5, 6], [7, 8, 9]].iter().enumerate() {
        let daemon: Daemon = lab.start();
        std::thread::scope(|scope| {
            let since = indices.len();
            let fields = json!({"journal": "m", "since": since, "limit": 4});
            let followed = scope.spawn(|| {
                let fields = fields;
                follow(&lab, &fields)
            });
            append_directly(&lab, numbers);
            let mut client = lab.client();
            // Until the stream has sent them, nobody knows that the signal comes after.
            let event = lab.signed("m", 100, None);
            client
                .ask("append", &json!({"journal": "m", "events": [event]}))
                .unwrap();
            let (some, last) = followed.join().unwrap();
            assert!(matches!(last, Body::Done(_)), "{round}: {last:?}");
            indices.extend(some);
        });
        daemon.signal("TERM");
        assert_eq!(daemon.end().0, Some(0));
    }
    assert_eq!(indices, (0..12).collect::<Vec<u64>>());
    // A stream without an end is told where to go on.
    let daemon = lab.start();
    let mut client = lab.client();
    client.send("follow", &json!({"journal": "m"})).unwrap();
    let ack = client.receive().unwrap();
    assert!(matches!(ack.body, Body::Note(Note::Ack, next) if next.get().contains("\"next\":12")));
    daemon.signal("TERM");
    let Body::Refused(refusal) = client.receive().unwrap().body else {
        panic!("the stream goes on");
    };
    assert_eq!(refusal.code, gatos::rpc::Code::Stopping);
    assert!(refusal.reason.contains("since=12"), "{}", refusal.reason);
}
