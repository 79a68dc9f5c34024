//! A server that loses its power just after a push was accepted.

use gatos_testing::{Disk, Ext4, can_mount};

use super::{soaks, with_server};

/// Pushes of a branch and a journal, one after the other, and the power cut after each: what the server
/// has lost of what clients were told it has.
fn lost(kind: Ext4) -> Vec<String> {
    let lab = with_server();
    let mut disk = Disk::new(kind, 48);
    let server = disk.root().join("server.git");
    let server = server.display();
    lab.ok(&format!(
        "rm -f ../server.git/hooks/*.sample && cp -a ../server.git {server} && git remote set-url origin {server}"
    ));
    disk.settle();
    let mut lost = Vec::new();
    // Git unpacks a push of a few objects, and one of some more into many folders; it keeps one of many packed.
    let sizes = [1, 60, 150].into_iter().cycle();
    for (round, files) in sizes.take(if soaks() { 60 } else { 3 }).enumerate() {
        lab.ok(&format!(
            "for n in $(seq {files}); do echo {round} $n > file-$n; done && git add . && git commit -q -m {round} && \
             gatos -q event append m --type t '{{}}' && git push -q origin HEAD:refs/heads/main refs/gatos/journal/m"
        ));
        let told = lab.run(&format!("git -C {server} for-each-ref"));
        let found = disk.after_power_loss().join("server.git");
        let found = found.display();
        let after = lab.run(&format!("git -C {found} for-each-ref"));
        let sound = lab.run(&format!(
            "git -C {found} fsck --full --strict --no-dangling && git -C {found} gatos verify --all"
        ));
        if after.out != told.out || sound.code != 0 {
            lost.push(format!(
                "{kind:?} {round}: {}{}{}",
                after.err, sound.out, sound.err
            ));
        }
        disk.discard();
    }
    lost
}

#[test]
fn what_was_accepted_survives_a_power_loss() {
    if !can_mount() {
        eprintln!("skipped: nothing may be mounted here, which takes root");
        return;
    }
    for kind in [Ext4::Journal("data=ordered"), Ext4::NoJournal] {
        assert_eq!(lost(kind), Vec::<String>::new());
    }
}
