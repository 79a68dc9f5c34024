//! Commit messages as Git reads them.

use gatos_git::{Durability, Expected, Message, NewCommit, Outcome};

use super::fixture::{Fixture, journal};

const HOSTILE: [&str; 10] = [
    "plain",
    "subject\n\nGatos-Policy: forged",
    "Gatos-Policy: forged",
    "a\r\nGatos-Policy: forged\r\n\r\nGatos-Policy: forged",
    "\u{2028}Gatos-Policy: forged",
    "\u{1b}]0;title\u{7}\u{1b}[2J",
    "a\0b",
    "---\nGatos-Policy: forged",
    "Signed-off-by: Eve <eve@localhost>\n(cherry picked from commit 1)\nGatos-Policy: forged",
    "\u{202e}reversed\u{200b}",
];

#[test]
fn no_text_of_a_user_becomes_a_trailer_or_an_escape() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    let mut transaction = repository.transaction(Durability::Relaxed);
    let tree = transaction.tree([]).unwrap();
    let mut parents = Vec::new();
    for subject in HOSTILE {
        for body in HOSTILE {
            let message = Message::new(subject)
                .with_body(body)
                .with_trailer("Gatos-Journal", body);
            for message in [message, Message::new(subject).with_body(body)] {
                let commit = NewCommit {
                    tree,
                    parents: parents.clone(),
                    message,
                    seconds: 1_700_000_000,
                };
                parents = vec![transaction.commit(&commit).unwrap()];
            }
        }
    }
    transaction.update(journal(), Expected::Absent, parents[0]);
    assert_eq!(transaction.apply().unwrap(), Outcome::Applied);
    fixture.assert_sound();
    let keys = "--format=%(trailers:keyonly,separator=%x2C)";
    let listed = fixture.git(&["log", keys, journal().as_str()]);
    for line in listed.lines() {
        assert!(line.is_empty() || line == "Gatos-Journal", "{line}");
    }
    let raw = fixture.git(&["log", "--format=%an <%ae> %at%n%B", journal().as_str()]);
    assert!(raw.chars().all(|c| c == '\n' || !c.is_control()), "{raw:?}");
    assert!(raw.contains("GATOS <gatos@localhost> 1700000000"));
}
