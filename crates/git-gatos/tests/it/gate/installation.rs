//! Setting up a gate, and everything that can be wrong with one.

use super::{refs, refused, with_server};
use crate::lab::Lab;

#[test]
fn an_installation_is_sound_and_stays_so_when_it_is_made_again() {
    let lab = with_server();
    let said = lab.ok("gatos gate check --quiet ../server.git");
    assert!(said.starts_with("ok"), "{said}");
    let key = lab.ok("gatos -q gate install ../server.git");
    assert_eq!(lab.ok("gatos -q gate install ../server.git"), key);
    assert_eq!(
        lab.ok("cut -d' ' -f1,2 ../server.git/gatos/gate/key.pub"),
        key
    );
}

#[test]
fn each_thing_that_is_wrong_is_named_with_what_mends_it() {
    let rows = [
        ("rm hooks/pre-receive", "the hook `pre-receive` is missing"),
        (
            "rm hooks/proc-receive",
            "the hook `proc-receive` is missing",
        ),
        (
            "rm hooks/reference-transaction",
            "the hook `reference-transaction` is missing",
        ),
        (
            "echo exit 0 > hooks/pre-receive",
            "the hook `pre-receive` is not the gate's",
        ),
        (
            "chmod a-x hooks/pre-receive",
            "the hook `pre-receive` cannot be run",
        ),
        (
            "chmod o+w hooks/proc-receive",
            "the hook `proc-receive` can be changed by others",
        ),
        (
            "chmod g+w hooks",
            "the folder of hooks can be changed by others",
        ),
        ("git config core.hooksPath /elsewhere", "core.hooksPath"),
        ("touch hooks/update", "a hook `update`"),
        (
            "git config receive.fsckObjects false",
            "`receive.fsckObjects` is false, not true",
        ),
        (
            "git config --unset receive.procReceiveRefs",
            "`receive.procReceiveRefs` is not set",
        ),
        (
            "git config --add receive.procReceiveRefs '!:refs/heads'",
            "`receive.procReceiveRefs`",
        ),
        ("git config gc.auto 1", "`gc.auto` is 1, not 0"),
        (
            "git config receive.maxInputSize 0",
            "`receive.maxInputSize` is 0",
        ),
        ("rm gatos/gate/key", "the gate has no key"),
        ("chmod 644 gatos/gate/key", "the gate's key cannot be used"),
        (
            "echo 'ref: refs/gatos/journal/m' > refs/gatos/journal/x",
            "symbolic ref",
        ),
    ];
    let lab = with_server();
    for (harm, found) in rows {
        lab.ok(&format!("rm -rf ../harmed.git && cp -a ../server.git ../harmed.git && cd ../harmed.git && {harm}"));
        let ran = lab.run("gatos gate check ../harmed.git");
        assert_eq!(ran.code, 4, "{harm}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains(found), "{harm}: {}", ran.out);
        assert!(ran.out.contains("fix"), "{harm}: {}", ran.out);
    }
    lab.ok("gatos gate check ../server.git");
}

/// D-22 and D-14: the Git of the server.
#[test]
fn a_git_that_is_too_old_is_named_and_one_that_may_have_flaws_is_warned_of() {
    let lab = with_server();
    // The Git of this machine, which says that it is another.
    let check = |said: &str| {
        lab.run(&format!(
            "mkdir -p ../other && printf '#!/bin/sh\\ntest \"$1\" != --version || exec echo \"git version {said}\"\\nexec %s \"$@\"\\n' \
             \"$(command -v git)\" > ../other/git && chmod +x ../other/git && PATH=$HOME/other:$PATH gatos gate check ../server.git"
        ))
    };
    for said in ["2.35.9", "1.9.1", "none"] {
        let ran = check(said);
        assert_eq!(ran.code, 4, "{said}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains("FAIL Git "), "{said}: {}", ran.out);
        assert!(ran.out.contains("fix"), "{said}: {}", ran.out);
    }
    for said in ["2.36.0", "2.47.3", "2.50.1", "2.51.2", "2.56.0"] {
        let ran = check(said);
        assert_eq!(ran.code, 0, "{said}: {}{}", ran.out, ran.err);
        let warned = format!("warn Git is {said}; flaws in");
        assert!(ran.out.contains(&warned), "{said}: {}", ran.out);
    }
    for said in ["2.50.2", "2.51.3 (Apple Git-200)", "2.56.1", "2.60.0"] {
        let ran = check(said);
        assert_eq!(ran.code, 0, "{said}: {}{}", ran.out, ran.err);
        assert!(!ran.out.contains("warn"), "{said}: {}", ran.out);
    }
}

#[test]
fn locks_that_were_left_behind_are_named_with_their_age() {
    let lab = with_server();
    let locks = [
        "refs/gatos/policies/active.lock",
        "refs/heads/main.lock",
        "packed-refs.lock",
        "HEAD.lock",
        "config.lock",
    ];
    for lock in locks {
        lab.ok(&format!("touch -d '3 hours ago' ../server.git/{lock}"));
        let ran = lab.run("gatos gate check ../server.git");
        assert_eq!(ran.code, 4, "{lock}: {}{}", ran.out, ran.err);
        let said = &ran.out;
        assert!(said.contains(&format!("{lock}` is 3 hours old")), "{said}");
        // The fix that it names is one.
        let fix = said.lines().find(|line| line.contains("rm '")).unwrap();
        let (_, command) = fix.split_once(": rm ").unwrap();
        lab.ok(&format!("rm {command}"));
        lab.ok("gatos gate check ../server.git");
        // Somebody may hold a young one.
        lab.ok(&format!(
            "touch ../server.git/{lock} && gatos gate check ../server.git"
        ));
        lab.ok(&format!("rm ../server.git/{lock}"));
    }
}

#[test]
fn a_gate_that_was_taken_apart_lets_nothing_through() {
    let rows = [
        "rm hooks/pre-receive",
        "rm hooks/proc-receive",
        "printf '#!/bin/sh\\nexit 0\\n' > hooks/pre-receive",
        "printf '#!/bin/sh\\nexit 0\\n' > hooks/proc-receive",
        "sed -i 's,exec .*,exec /nowhere/gatos,' hooks/pre-receive",
        "sed -i 's,exec .*,kill -9 $$,' hooks/pre-receive",
        "sed -i 's,exec .*,kill -9 $$,' hooks/proc-receive",
        "sed -i 's,exec .*,kill -9 $$,' hooks/reference-transaction",
        "sed -i 's,exec .*,kill -ABRT $$,' hooks/pre-receive",
        "git config core.hooksPath /nowhere",
        "printf damaged > packed-refs",
        "printf damaged > refs/gatos/policies/active",
        "printf '[bad\\n' >> config",
    ];
    let lab = with_server();
    for harm in rows {
        lab.ok(&format!("rm -rf ../harmed.git && cp -a ../server.git ../harmed.git && cd ../harmed.git && {harm}"));
        let ran = lab.run("git push ../harmed.git HEAD:refs/heads/new");
        assert_ne!(ran.code, 0, "{harm}: {}{}", ran.out, ran.err);
        lab.ok("! test -e ../harmed.git/refs/heads/new");
    }
    // Negative control: the same push to a sound copy.
    lab.ok("cp -a ../server.git ../sound.git && git push -q ../sound.git HEAD:refs/heads/new");
}

#[test]
fn hooks_of_others_are_kept_only_when_asked() {
    let lab = Lab::with_repository();
    lab.ok(
        "git init -q --bare ../server.git && echo '#!/bin/sh' > ../server.git/hooks/pre-receive",
    );
    let said = lab.fails(1, "gatos gate install ../server.git");
    assert!(
        said.contains("somebody else's") && said.contains("--force"),
        "{said}"
    );
    lab.ok("test -z \"$(git -C ../server.git config receive.procReceiveRefs)\"");
    lab.ok("gatos -q gate install --force ../server.git && test -e ../server.git/hooks/pre-receive.before-gatos");
    let said = lab.fails(2, "gatos gate install .");
    assert!(said.contains("bare"), "{said}");
    lab.fails(2, "gatos gate install /nowhere");
}

#[test]
fn whoever_works_on_the_server_with_git_is_stopped_too() {
    let lab = with_server();
    let before = refs(&lab);
    let rows = [
        "git update-ref -d refs/gatos/journal/m",
        "git update-ref refs/gatos/journal/m refs/heads/main",
        "git update-ref refs/gatos/new/x refs/heads/main",
        "git update-ref refs/gatos/journal/x refs/heads/main",
        "git update-ref refs/replace/1111111111111111111111111111111111111111 refs/heads/main",
        "git fetch -q . +refs/heads/main:refs/gatos/policies/active",
        "git symbolic-ref refs/gatos/journal/x refs/gatos/journal/m",
        "git symbolic-ref refs/heads/x refs/gatos/policies/active",
        "git pack-refs --all && git update-ref -d refs/gatos/journal/m",
        "git update-ref -d refs/gatos/journal/m $(git rev-parse refs/gatos/journal/m)",
    ];
    for row in rows {
        let ran = lab.run(&format!("cd ../server.git && {row}"));
        assert_ne!(ran.code, 0, "{row}");
        assert!(ran.err.contains("gatos: refused"), "{row}: {}", ran.err);
    }
    assert_eq!(refs(&lab), before);
    // Maintenance and what is not ours goes on.
    lab.ok("cd ../server.git && git pack-refs --all && git gc -q && git branch other main && git branch -D other && git fsck");
    lab.ok("gatos -q event append m --type t '{}' && git push -q origin refs/gatos/journal/m");
    // Another clone's honest history may be fetched.
    lab.ok("gatos -q event append m --type t '{}' && cd ../server.git && git fetch -q ../work refs/gatos/journal/m:refs/gatos/journal/m");
}

#[test]
fn the_policy_is_looked_at_again_under_its_lock() {
    let lab = with_server();
    // Between judgement and application somebody puts another policy in its place.
    lab.ok("cd ../server.git && sed -i 's,^exec,git update-ref refs/heads/moved refs/heads/main\\nsed -i \"2s/.*/1111111111111111111111111111111111111111/\" gatos/gate/tickets/*\\nexec,' hooks/proc-receive");
    let said = refused_by_git(&lab, "git push origin HEAD:refs/heads/new");
    assert!(
        said.contains("nothing was applied") || said.contains("the policy has changed"),
        "{said}"
    );
    lab.ok("! git -C ../server.git rev-parse -q --verify refs/heads/new");
}

fn refused_by_git(lab: &Lab, script: &str) -> String {
    let ran = lab.run(script);
    assert_ne!(ran.code, 0, "{script}\n{}{}", ran.out, ran.err);
    ran.err
}

#[test]
fn a_ticket_is_for_one_push_only() {
    let lab = with_server();
    // A ticket that was left for another push, or is damaged.
    let edit = |edit: &str| {
        lab.ok(&format!(
            "cd ../server.git && git show-ref >/dev/null && cp hooks/proc-receive p 2>/dev/null; \
         test -e p.kept || cp p p.kept; cp p.kept hooks/proc-receive; \
         sed -i 's,^exec,{edit}\\nexec,' hooks/proc-receive"
        ))
    };
    for harm in [
        "rm gatos/gate/tickets/*",
        "echo x > $(ls -d gatos/gate/tickets/*)",
        "sed -i s/heads.new/heads.old/ gatos/gate/tickets/*",
    ] {
        edit(harm);
        let said = refused_by_git(&lab, "git push origin HEAD:refs/heads/new");
        assert!(
            said.contains("remote rejected") || said.contains("rejected"),
            "{harm}: {said}"
        );
        lab.ok("! git -C ../server.git rev-parse -q --verify refs/heads/new");
    }
    lab.ok("cd ../server.git && cp p.kept hooks/proc-receive");
    refused(&lab, "git push origin :refs/gatos/journal/m", "gate.delete");
    lab.ok("git push -q origin HEAD:refs/heads/new");
}

/// Looking for what batches have in common takes longer than all else about a push of them.
#[test]
fn git_is_told_to_pack_batches_as_they_are() {
    let lab = Lab::new();
    // What somebody said before stays, with or without an end of its line.
    lab.ok("git init -q . && mkdir -p .git/info && printf '*.bin -diff' > .git/info/attributes");
    lab.ok("gatos -q init --actor alice && git init -q --bare ../server.git");
    lab.ok("gatos -q gate install ../server.git && gatos -q gate install ../server.git");
    let said = lab.ok("git check-attr delta diff -- batch a/batch x.bin");
    for line in [
        "batch: delta: unset",
        "a/batch: delta: unspecified",
        "x.bin: delta: unspecified",
        "x.bin: diff: unset",
    ] {
        assert!(said.lines().any(|found| found == line), "{line}: {said}");
    }
    let server = lab.ok("cat ../server.git/info/attributes");
    assert_eq!(server.trim(), "/batch -delta");
    // And it does so: two batches that differ in little are both in the pack as they are.
    let rows = |from: usize| -> String {
        let row = |n| format!("{{\"type\": \"t\", \"payload\": {{\"n\": {n}}}}}\n");
        (from..from + 300).map(row).collect()
    };
    for n in [0, 300] {
        lab.write("rows.jsonl", rows(n));
        lab.ok("gatos -q event import rows.jsonl --journal m");
    }
    let deltas = |lab: &Lab| {
        lab.ok("git repack -q -a -d -f && \
             git verify-pack -v .git/objects/pack/*.idx | grep -c ' blob .* 1 [0-9a-f]*$' || true")
    };
    assert_eq!(deltas(&lab).trim(), "0");
    // Negative control: not told so, it packs one of them as a change of the other.
    lab.ok("rm .git/info/attributes");
    assert_eq!(deltas(&lab).trim(), "1");
}
