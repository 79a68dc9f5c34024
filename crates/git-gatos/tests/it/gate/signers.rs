//! Commits that are signed with plain Git, and rules that ask whose signature they carry.

use super::law::{laboratory, sh};
use super::refused;
use crate::lab::Lab;

/// Pushes to `main` carry the signature of a PI.
const RULES: &str = r#"package rules

# METADATA
# title: Members do everything
# custom:
#   id: all
#   adr: docs/adr/0001.md
#   severity: error
#   intent: "*"
#   message: nobody else
allow if true

# METADATA
# title: The main branch is signed by a PI
# custom:
#   id: signed
#   adr: docs/adr/0002.md
#   severity: error
#   intent: push.ref
#   scope: refs/heads/main
#   message: the commit is not signed by a PI
deny contains true if {
	input.old != null
	count([name | some name in input.signers; name in input.groups.pi]) == 0
}
"#;

/// What signs with the key `$1`, and forges.
const SIGN: &str = r#"
sign() { # key message
  echo $2 >> data && git add data
  git -c gpg.format=ssh -c user.signingKey=../$1 commit -q -S -m "$2"
}
# raw: make the commit that standard input is, and go there
raw() { git reset -q --hard $(git hash-object -t commit -w --stdin); }
back() { git reset -q --hard origin/main; }
test -e ../stranger || ssh-keygen -q -t ed25519 -N '' -C stranger -f ../stranger
test -e ../rsa || ssh-keygen -q -t rsa -N '' -C rsa -f ../rsa
"#;

fn script(text: &str) -> String {
    sh(&format!("{SIGN}\n{text}"))
}

fn guarded() -> Lab {
    let lab = laboratory("minimal");
    lab.ok("mkdir signed");
    lab.write("signed/rules.rgs", RULES);
    lab.ok(&sh(
        "yes='ada' && gatos -q proposal new 'Signed commits' --policy signed > ../proposal && \
         gatos -q approve $(cat ../proposal) > /dev/null && \
         gatos -q grant new $(cat ../proposal) > ../grant && \
         gatos -q policy activate $(cat ../grant) > /dev/null && git push -q origin \"$refs\"",
    ));
    lab
}

#[test]
fn a_signature_of_somebody_whom_trust_names_counts_and_no_other() {
    let lab = guarded();
    let rows = [
        // Nobody's, and those of people whom the rule or the policy does not mean.
        "echo x >> data && git commit -q -a -m x",
        "sign dan x",
        "sign stranger x",
        "sign rsa x",
        // A good signature on an old commit does not cover what follows.
        "sign ada x && echo y >> data && git commit -q -a -m y",
        // The signature of another commit, or the content of one that was changed.
        "sign ada x && git cat-file commit HEAD | sed 's/^x$/other/' | raw",
        "sign ada x && git cat-file commit HEAD | sed 's/^gpgsig /gpgsig-sha256 /' | raw",
        "sign ada x && git cat-file commit HEAD | sed 's/SSH SIGNATURE/PGP SIGNATURE/' | raw",
        // Made for something else than Git.
        "echo x >> data && git commit -q -a -m x && git cat-file commit HEAD > ../plain && \
         ssh-keygen -q -Y sign -f ../ada -n file ../plain && \
         { sed '/^committer/q' ../plain; sed '1s/^/gpgsig /; 2,$s/^/ /' ../plain.sig; sed '1,/^committer/d' ../plain; } | raw",
    ];
    for row in rows {
        lab.ok(&script(&format!("back && {row}")));
        let said = refused(&lab, "git push origin main", "signed");
        assert!(said.contains("not signed by a PI"), "{row}: {said}");
    }
    // The same by the same means, but for `git`: the negative control of the last row.
    lab.ok(&script(
        "back && echo x >> data && git commit -q -a -m x && git cat-file commit HEAD > ../plain && rm -f ../plain.sig && \
         ssh-keygen -q -Y sign -f ../ada -n git ../plain && \
         { sed '/^committer/q' ../plain; sed '1s/^/gpgsig /; 2,$s/^/ /' ../plain.sig; sed '1,/^committer/d' ../plain; } | raw && \
         git push -q origin main",
    ));
    lab.ok(&script("sign ada y && git push -q origin main"));
    lab.ok(&script("sign ada2 z && git push -q origin main"));
    lab.ok(&script("sign bea w && git push -q origin main"));
    // Git agrees.
    lab.ok(
        "echo \"bea $(cat ../bea.pub)\" > ../allowed && git -c gpg.ssh.allowedSignersFile=../allowed verify-commit HEAD",
    );
}

/// Commits on top of what the server has that carry more signatures than one: D-14.
const FORGE: &str = r#"
sig() { sed -n '/^gpgsig/,/END SSH/p' ../one; }
forge() { sed "/^committer/r $1" ../one | raw; }
sign ada x && git cat-file commit HEAD > ../one && sig > ../two && cat ../two ../two > ../three
sed 's/^gpgsig /gpgsig-sha256 /' ../two > ../other
"#;

fn forged(text: &str) -> String {
    script(&format!("back && {FORGE}\n{text}"))
}

#[test]
fn commits_with_several_signatures_come_into_no_branch_and_no_tag() {
    let lab = guarded();
    for (what, row) in [
        ("two", "forge ../two"),
        ("three", "forge ../three"),
        ("of two formats", "forge ../other"),
        (
            "below the newest commit",
            "forge ../two && sign ada y && sign ada z",
        ),
        (
            "of a history that is merged",
            "forge ../three; side=$(git rev-parse HEAD); back; sign ada y; \
             git merge -q -s ours --no-commit $side; git -c gpg.format=ssh -c user.signingKey=../ada commit -q -S -m m",
        ),
    ] {
        lab.ok(&forged(row));
        let rows = [
            ("main", "gate.branch"),
            ("HEAD:refs/heads/new", "gate.branch"),
            ("HEAD:refs/tags/plain", "gate.tag"),
            (
                "HEAD:refs/heads/side origin/main:refs/heads/good",
                "gate.branch",
            ),
        ];
        for (refspec, rule) in rows {
            let said = refused(&lab, &format!("git push origin {refspec}"), rule);
            assert!(said.contains("headers for signatures"), "{what}: {said}");
        }
        let said = lab.run("gatos gate check-range origin/main HEAD --ref refs/heads/main");
        assert_eq!(said.code, 3, "{what}: {}{}", said.out, said.err);
        assert!(
            said.out.contains("headers for signatures"),
            "{what}: {}",
            said.out
        );
    }
    lab.ok(&script("git tag -a -m tag annotated HEAD"));
    let said = refused(&lab, "git push origin annotated", "gate.tag");
    assert!(said.contains("headers for signatures"), "{said}");
    // Negative control: one signature, and one in a commit that only quotes another.
    lab.ok(&forged(
        "git push -q origin main HEAD:refs/heads/new HEAD:refs/tags/plain",
    ));
    lab.ok(&script(
        "git commit -q --allow-empty -m \"gpgsig a\ngpgsig b\" && git push -q origin HEAD:refs/heads/quoting",
    ));
    // What was there before the gate is not looked at again.
    lab.ok(&forged(
        "cd ../server.git && git update-ref refs/heads/old $(git cat-file commit main | sed '/^committer/r ../two' | \
         git hash-object -t commit -w --stdin)",
    ));
    lab.ok(&script(
        "git fetch -q origin old && git reset -q --hard FETCH_HEAD && test $(git cat-file commit HEAD | grep -c ^gpgsig) = 2 && sign ada more && git push -q origin HEAD:refs/heads/old",
    ));
}

#[test]
fn several_signatures_come_in_by_no_way_around() {
    let lab = guarded();
    // A tag of a tag of a tag, deeper than anybody looks.
    lab.ok(&forged(
        "forge ../two; last=HEAD; for n in $(seq 12); do git tag -a -m $n deep$n $last; last=deep$n; done",
    ));
    refused(&lab, "git push origin deep12", "gate.tag");
    // Brought along by a push that is accepted, without a ref: it is looked at when one leads there.
    super::with_wire(&lab);
    lab.ok(&forged(
        "forge ../three; git rev-parse HEAD > ../smuggled; back",
    ));
    lab.ok(&script(
        "printf '%s\n' $(cat ../smuggled) origin/main | git pack-objects -q --revs --stdout > ../along && \
         python3 ../wire.py ../server.git --pack ../along 0000000000000000000000000000000000000000 $(git rev-parse origin/main) refs/heads/along && \
         git -C ../server.git cat-file -e $(cat ../smuggled)",
    ));
    let said = refused(
        &lab,
        "git push origin $(cat ../smuggled):refs/heads/late",
        "gate.branch",
    );
    assert!(said.contains("headers for signatures"), "{said}");
    // Negative control: what came along that way and has one signature.
    lab.ok(&script("git push -q origin origin/main:refs/heads/late"));
}

#[test]
fn a_key_that_was_taken_out_signs_commits_no_more() {
    let lab = guarded();
    lab.ok(&script("sign ada y && git push -q origin main"));
    lab.ok(&script(
        "lab bea cyd && gatos -q proposal new 'Without Ada' --trust ../trust.toml > ../proposal && \
         gatos -q approve $(cat ../proposal) > /dev/null && gatos -q grant new $(cat ../proposal) > ../grant && \
         gatos -q policy activate $(cat ../grant) > /dev/null && git push -q origin \"$refs\"",
    ));
    lab.ok(&script("sign ada z"));
    refused(&lab, "git push origin main", "signed");
    lab.ok(&script("back && sign bea z && git push -q origin main"));
}

#[test]
fn signatures_count_in_repositories_of_sha256_as_well() {
    let lab = Lab::new();
    lab.ok("git init -q --object-format=sha256 . && git config user.name a && git config user.email a@example.org && gatos -q init --actor alice > /dev/null");
    lab.write("law.sh", super::law::LAW);
    lab.ok("mkdir signed");
    lab.write("signed/rules.rgs", RULES);
    lab.ok("sed -i 's/git init -q --bare/git init -q --object-format=sha256 --bare/' law.sh");
    lab.ok("rules=signed; . ./law.sh; found");
    lab.ok(&script("sign ada y && git push -q origin main"));
    lab.ok(&script("echo z >> data && git commit -q -a -m z"));
    refused(&lab, "git push origin main", "signed");
}
