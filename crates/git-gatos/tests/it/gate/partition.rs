//! The line between client and server is cut after any byte, in either direction.

use super::{refs, soaks, with_server};
use crate::lab::Lab;

/// What Git runs in the place of SSH: a line that lets `SENT` bytes through from the client and `SAID` from
/// the server, and keeps what went over it. Only the last program has the client's end open, so that the client
/// sees the line end when it does.
const LINE: &str = r#"#!/bin/sh
shift
rm -f ../back && mkfifo ../back && exec 3<&0
(dd bs=1 count="$SENT" status=none <&3 | tee ../sent | sh -c "$*" | tee ../said > ../back) > /dev/null &
exec dd bs=1 count="$SAID" status=none < ../back 3<&-
"#;

/// More than is ever said.
const ALL: usize = 1 << 30;

/// Push an event and a commit, which belong together for the gate, over a line that is cut.
fn push(lab: &Lab, sent: usize, said: usize) -> i32 {
    let script = format!(
        "SENT={sent} SAID={said} GIT_SSH_VARIANT=simple GIT_SSH_COMMAND='sh ../line' \
         git push -q ssh://server$(cd ../server.git && pwd) refs/gatos/journal/m main"
    );
    lab.run(&script).code
}

fn here(lab: &Lab) -> String {
    lab.ok("git rev-parse refs/gatos/journal/m refs/heads/main")
}

fn there(lab: &Lab) -> String {
    lab.ok("git -C ../server.git rev-parse refs/gatos/journal/m refs/heads/main")
}

#[test]
fn a_line_that_is_cut_leaves_all_or_nothing_and_trying_again_is_enough() {
    let lab = with_server();
    lab.write("../line", LINE);
    let more = |lab: &Lab| {
        lab.ok("gatos -q event append m --type t '{\"more\": true}' && \
             git checkout -q -B main && git commit -q --allow-empty -m more");
    };
    let size = |file: &str| {
        std::fs::metadata(lab.path(&format!("home/{file}")))
            .unwrap()
            .len() as usize
    };
    more(&lab);
    assert_eq!(push(&lab, ALL, ALL), 0);
    assert_eq!(there(&lab), here(&lab));
    let (sent, said) = (size("sent"), size("said"));

    let cuts = if soaks() { 40 } else { 8 };
    let (mut lost, mut arrived) = (0, 0);
    for cut in 0..2 * cuts {
        more(&lab);
        let before = there(&lab);
        let part = |all: usize| all * (cut / 2) / cuts + cut % 7;
        let ends = if cut % 2 == 0 {
            (part(sent), ALL)
        } else {
            (ALL, part(said))
        };
        let code = push(&lab, ends.0, ends.1);
        // The server may be busy with what it got: the line is gone, not the server.
        let settled = (0..200).any(|_| {
            let left = lab.ok(
                "find ../server.git -name 'tmp_objdir*' -o -name 'incoming*' -o -name '*.lock'",
            );
            let over = left.trim().is_empty();
            if !over {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            over
        });
        assert!(settled, "cut at {ends:?}: the server never came to rest");
        let after = there(&lab);
        // A client that was told yes was told what is so; one that was told nothing does not know.
        assert!(
            after == here(&lab) || (code != 0 && after == before),
            "cut at {ends:?}, exit code {code}: {before}became {after}"
        );
        if code != 0 && after == before {
            lost += 1;
        } else if code != 0 {
            arrived += 1;
        }
        lab.ok("git -C ../server.git fsck --full --strict");
        let once = refs(&lab);
        assert_eq!(push(&lab, ALL, ALL), 0, "cut at {ends:?}: trying again");
        assert_eq!(there(&lab), here(&lab));
        if after != before {
            assert_eq!(refs(&lab), once, "what had arrived was done again");
        }
    }
    assert!(lost > 0, "no cut came before the server had it all");
    assert!(arrived > 0, "no cut came after the server had it all");
    lab.ok("git fetch -q origin 'refs/gatos/*:refs/gatos/*' && gatos event verify m");
}
