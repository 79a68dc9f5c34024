//! Trees, commits and packs as nobody writes them who means well: first to a server as it is set up, then
//! to one that does not have Git look at objects, so that the gate alone stands there.

use super::{refs, refused, soaks, with_server, with_wire};
use crate::lab::Lab;

/// Writes objects that Git's own commands do not write, and prints their ids.
///
/// `forge.py tree MODE NAME ID …` (names with escapes), `forge.py commit LINE …` (headers; the last is the
/// message), `forge.py zeros SIZE`.
const FORGE: &str = r#"
import hashlib, os, sys, zlib

def store(name, body):
    os.makedirs(f".git/objects/{name[:2]}", exist_ok=True)
    with open(f".git/objects/{name[:2]}/{name[2:]}", "wb") as file:
        file.write(body)
    return name

def write(kind, data):
    data = b"%s %d\0" % (kind.encode(), len(data)) + data
    return store(hashlib.sha1(data).hexdigest(), zlib.compress(data))

def text(argument):
    return argument.encode().decode("unicode_escape").encode("latin-1")

def zeros(size):
    parts = [b"blob %d\0" % size] + [bytes(1 << 20)] * (size >> 20)
    digest, packer = hashlib.sha1(), zlib.compressobj(1)
    body = []
    for part in parts:
        digest.update(part)
        body.append(packer.compress(part))
    return store(digest.hexdigest(), b"".join(body) + packer.flush())

what, rest = sys.argv[1], sys.argv[2:]
if what == "tree":
    rows = [rest[at:at + 3] for at in range(0, len(rest), 3)]
    print(write("tree", b"".join(m.encode() + b" " + text(n) + b"\0" + bytes.fromhex(i) for m, n, i in rows)))
elif what == "commit":
    *headers, message = rest
    print(write("commit", b"".join(text(line) + b"\n" for line in headers) + b"\n" + text(message)))
else:
    print(zeros(int(rest[0])))
"#;

/// What every script here begins with: `$batch` and `$tree` are what the next event of the journal is.
const TOOLS: &str = r#"
forge() { python3 ../forge.py "$@"; }
journal=refs/gatos/journal/m
before=$(git -C ../server.git rev-parse $journal)
batch=$(git rev-parse $journal:batch)
tree=$(git rev-parse $journal^{tree})
who='Alice <alice@example.org> 1700000000 +0000'
# A commit of a tree that follows what the server has; one with the headers given.
follow() { forge commit "tree $1" "parent $before" "author $who" "committer $who" x; }
odd() { forge commit "tree $tree" "parent $before" "$@"; }
"#;

fn script(text: &str) -> String {
    format!("{TOOLS}\n{text}")
}

/// A server, an event that it does not have yet, and the forge.
fn workshop() -> Lab {
    let lab = with_server();
    lab.write("../forge.py", FORGE);
    lab.ok("gatos -q event append m --type t '{\"n\": 2}'");
    lab
}

/// Make the gate stand alone: Git looks at no object.
fn without_fsck(lab: &Lab) {
    lab.ok("cd ../server.git && git config receive.fsckObjects false && git config transfer.fsckObjects false && \
            git config receive.maxInputSize 0");
}

/// Trees that hold the batch of the event and are not the tree of a batch.
const TREES: [(&str, &str); 26] = [
    (".git", "40000 .git $empty 100644 batch $batch"),
    (".GIT", "40000 .GIT $empty 100644 batch $batch"),
    (".Git file", "100644 .giT $blob 100644 batch $batch"),
    ("git~1", "100644 batch $batch 40000 git~1 $empty"),
    (".git with a dot", "40000 .git. $empty 100644 batch $batch"),
    (
        ".git with a joiner",
        "40000 .g\\xe2\\x80\\x8cit $empty 100644 batch $batch",
    ),
    (
        ".git with a stream",
        "40000 .git::$INDEX_ALLOCATION $empty 100644 batch $batch",
    ),
    ("..", "40000 .. $empty 100644 batch $batch"),
    (".", "40000 . $empty 100644 batch $batch"),
    ("no name", "100644 \"\" $blob 100644 batch $batch"),
    ("a slash", "100644 a/b $blob 100644 batch $batch"),
    ("a backslash", "100644 a\\\\b $blob 100644 batch $batch"),
    ("the end of a line", "100644 a\\r $blob 100644 batch $batch"),
    (
        "a link .gitmodules",
        "120000 .gitmodules $blob 100644 batch $batch",
    ),
    (
        ".gitmodules",
        "100644 .gitmodules $blob 100644 batch $batch",
    ),
    ("a submodule", "100644 batch $batch 160000 sub $before"),
    ("twice the same", "100644 batch $batch 100644 batch $batch"),
    (
        "twice, the first is good",
        "100644 batch $batch 100644 batch $blob",
    ),
    (
        "twice, once a folder",
        "100644 batch $batch 40000 batch $empty",
    ),
    ("not in order", "100644 z $blob 100644 batch $batch"),
    ("a mode with a zero", "0100644 batch $batch"),
    ("a mode that 16 bits do not hold", "500644 batch $batch"),
    (
        "a mode that 32 bits do not hold",
        "40000100644 batch $batch",
    ),
    ("a link", "120000 batch $batch"),
    ("executable", "100755 batch $batch"),
    ("writable by the group", "100664 batch $batch"),
];

/// The gate must refuse each of these commits, which would follow what the server has, whatever Git says of
/// them. A server as it is set up must refuse those of which Git lets through what the gate does not; and in
/// the long version all of them, also where Git looks at no object.
fn all_refused(lab: &Lab, rows: &[(&str, String)], let_through: &[&str]) {
    let forged: String = rows
        .iter()
        .map(|(_, commit)| format!("{commit}\n"))
        .collect();
    let ids = lab.ok(&script(&format!(
        "blob=$(printf x | git hash-object -w --stdin); empty=$(git mktree < /dev/null)\n{forged}"
    )));
    let ids: Vec<&str> = ids.lines().collect();
    assert_eq!(ids.len(), rows.len());
    for (id, (what, _)) in ids.iter().zip(rows) {
        let range = format!("gatos gate check-range $before {id} --ref $journal");
        let ran = lab.run(&script(&range));
        assert_eq!(ran.code, 3, "{what}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains("gate."), "{what}: {}", ran.out);
    }
    let push = |id: &str| script(&format!("git push origin {id}:$journal"));
    for (id, (what, _)) in ids.iter().zip(rows) {
        if soaks() || let_through.contains(what) {
            let said = refused(lab, &push(id), "");
            assert!(soaks() || said.contains("gate."), "{what}: {said}");
        }
    }
    without_fsck(lab);
    for (id, (what, _)) in ids.iter().zip(rows) {
        if soaks() || let_through.first() == Some(what) {
            let said = refused(lab, &push(id), "");
            // Of some Git itself cannot make a pack, however the server is set up.
            let git = soaks() && said.contains("remote unpack failed");
            assert!(git || said.contains("gate."), "{what}: {said}");
        }
    }
}

#[test]
fn trees_of_ours_are_only_what_they_must_be() {
    let lab = workshop();
    let rows: Vec<_> = TREES
        .iter()
        .map(|(what, tree)| {
            let tree = tree.replace("$INDEX", "\\$INDEX");
            (*what, format!("follow $(forge tree {tree})"))
        })
        .collect();
    // Of the rights of a file Git only warns, and it does not mind what else is there.
    all_refused(
        &lab,
        &rows,
        &[
            "writable by the group",
            "executable",
            "a mode that 16 bits do not hold",
        ],
    );
    // Negative control, to the server whose Git does not look: the tree as it must be, forged the same way.
    lab.ok(&script(
        "git push -q origin $(follow $(forge tree 100644 batch $batch)):$journal",
    ));
}

#[test]
fn folders_of_a_state_are_only_what_they_must_be() {
    let lab = workshop();
    lab.write(
        "sum.lua",
        "function fold(s, e) s.n = (s.n or 0) + 1 return s end",
    );
    lab.ok("git push -q origin refs/gatos/journal/m && gatos -q fold run n --journal m --program sum.lua");
    without_fsck(&lab);
    // The state's commit, with one entry of its tree otherwise.
    let forged = |edit: &str| {
        script(&format!(
            "state=refs/gatos/state/n; git ls-tree $state | awk '{{print $1, $4, $3}}' {edit} > rows; \
             new=$(forge tree $(sed 's/^040000/40000/' rows | tr '\\n' ' ')); \
             git push origin $(forge commit \"tree $new\" \"author $who\" \"committer $who\" x):$state"
        ))
    };
    for edit in [
        "| sed 's/^100644 program/100664 program/'",
        "| sed 's/^100644 program/0100644 program/'",
        "| sed 's/^100644 program/500644 program/'",
        "| sed 's/^100644 program/100755 program/'",
        "| sed 'p;s/^100644 program/100644 program/'",
        "| tac",
    ] {
        refused(&lab, &forged(edit), "gate.state");
    }
    // Negative control.
    lab.ok(&forged(""));
}

/// Commits over the right tree that are not as commits of ours are.
const COMMITS: [(&str, &str); 18] = [
    (
        "one signature",
        "\"author $who\" \"committer $who\" 'gpgsig x\\n y' x",
    ),
    (
        "two",
        "\"author $who\" \"committer $who\" 'gpgsig x\\n y' 'gpgsig x\\n z' x",
    ),
    (
        "three",
        "\"author $who\" \"committer $who\" 'gpgsig x' 'gpgsig y' 'gpgsig z' x",
    ),
    (
        "of two kinds",
        "\"author $who\" \"committer $who\" 'gpgsig x' 'gpgsig-sha256 y' x",
    ),
    (
        "an encoding",
        "\"author $who\" \"committer $who\" 'encoding UTF-7' x",
    ),
    (
        "no encoding",
        "\"author $who\" \"committer $who\" 'encoding ' x",
    ),
    (
        "a merged tag",
        "\"author $who\" \"committer $who\" 'mergetag object x\\n y' x",
    ),
    (
        "a header that nobody knows",
        "\"author $who\" \"committer $who\" 'gatos x' x",
    ),
    (
        "two authors",
        "\"author $who\" \"author $who\" \"committer $who\" x",
    ),
    (
        "two committers",
        "\"author $who\" \"committer $who\" \"committer $who\" x",
    ),
    (
        "another tree",
        "\"author $who\" \"committer $who\" \"tree $tree\" x",
    ),
    (
        "a parent that comes late",
        "\"author $who\" \"parent $before\" \"committer $who\" x",
    ),
    ("no author", "\"committer $who\" x"),
    ("no committer", "\"author $who\" x"),
    ("nobody", "x"),
    (
        "a time that no number holds",
        "\"author $who\" 'committer A <a@b> 9223372036854775808 +0000' x",
    ),
    (
        "a time before all times",
        "\"author $who\" 'committer A <a@b> -1 +0000' x",
    ),
    (
        "a name that does not end",
        "\"author $who\" 'committer A <a@b 1700000000 +0000' x",
    ),
];

#[test]
fn commits_of_ours_are_only_what_they_must_be() {
    let lab = workshop();
    // A tree, a parent that is not there; a tree that is a blob, a parent that is a tree.
    for headers in [
        "\"tree 1111111111111111111111111111111111111111\" \"parent $before\"",
        "\"tree $tree\" \"parent 1111111111111111111111111111111111111111\"",
        "\"tree $batch\" \"parent $before\"",
        "\"tree $tree\" \"parent $tree\"",
    ] {
        let push = format!(
            "new=$(forge commit {headers} \"author $who\" \"committer $who\" x); \
             git push origin $new:$journal"
        );
        refused(&lab, &script(&push), "");
    }
    // Bytes that end a text are found by Git alone.
    let push = "git push origin $(odd \"author $who\" 'committer A\\x00 <a@b> 1700000000 +0000' x):$journal";
    refused(&lab, &script(push), "");
    let rows: Vec<_> = COMMITS
        .iter()
        .map(|(what, commit)| (*what, format!("odd {commit}")))
        .collect();
    // What Git takes for a commit.
    let let_through = ["two", "an encoding", "a header that nobody knows"];
    all_refused(&lab, &rows, &let_through);
    // Negative control.
    lab.ok(&script(
        "git push -q origin $(odd \"author $who\" \"committer $who\" x):$journal",
    ));
}

#[test]
fn commits_with_very_many_parents_are_refused_soon() {
    let lab = workshop();
    let many = "python3 - $tree $before > many <<'EOF'
import sys
tree, parent = sys.argv[1:]
who = 'A <a@b> 1700000000 +0000'
print(f'tree {tree}\\n' + f'parent {parent}\\n' * 100_000 + f'author {who}\\ncommitter {who}\\n\\nx')
EOF
new=$(git hash-object -t commit -w --literally many)";
    for alone in [false, true] {
        if alone {
            without_fsck(&lab);
        }
        let push = format!("{many}; timeout 30 git push origin $new:$journal");
        refused(&lab, &script(&push), "gate.");
        // A branch that goes on from there is looked at no longer.
        let said = refused(
            &lab,
            &script(&format!(
                "{many}; timeout 30 git push origin $new:refs/heads/new :$journal"
            )),
            "gate.delete",
        );
        assert!(!said.contains("panicked"), "{said}");
    }
    lab.ok("git push -q origin refs/gatos/journal/m");
}

#[test]
fn packs_from_which_something_is_missing_are_refused() {
    let lab = workshop();
    with_wire(&lab);
    // All that is new, without one kind of object each.
    let pack = "new=$(git rev-parse $journal); git rev-list --objects $new --not $before | cut -d ' ' -f 1 | \
                git cat-file --batch-check='%(objectname) %(objecttype)' > all";
    for alone in [false, true] {
        if alone {
            without_fsck(&lab);
        }
        for kind in ["commit", "tree", "blob"] {
            refused(
                &lab,
                &script(&format!(
                    "{pack}; grep -v {kind} all | cut -d ' ' -f 1 | git pack-objects -q --stdout > pack; \
                     python3 ../wire.py ../server.git --pack pack $before $new $journal >&2"
                )),
                "",
            );
        }
        // A pack that ends early, one whose sum is wrong, one that is none, and none.
        for harm in [
            "head -c -30 pack",
            "(head -c -1 pack; printf x)",
            "echo PACK",
            "true",
        ] {
            refused(
                &lab,
                &script(&format!(
                    "{pack}; cut -d ' ' -f 1 all | git pack-objects -q --stdout > pack; {harm} > harmed; \
                     python3 ../wire.py ../server.git --pack harmed $before $new $journal >&2"
                )),
                "",
            );
        }
    }
    lab.ok(&script(&format!(
        "{pack}; cut -d ' ' -f 1 all | git pack-objects -q --stdout > pack; \
         python3 ../wire.py ../server.git --pack pack $before $new $journal"
    )));
}

#[test]
fn shallow_and_partial_clones_bring_nothing_that_is_not_whole() {
    let lab = with_server();
    lab.ok("for n in 2 3; do gatos -q event append m --type t '{}'; git commit -q --allow-empty -m $n; done; \
            git push -q origin refs/gatos/journal/m HEAD:refs/heads/main");
    lab.ok("url=\"file://$PWD\"; git init -q ../part && cd ../part && \
            git fetch -q --depth 1 \"$url\" '+refs/gatos/journal/m:refs/gatos/journal/m' HEAD:refs/heads/new");
    for setting in ["false", "true"] {
        // Also where somebody lets Git accept it.
        lab.ok(&format!(
            "git -C ../server.git config receive.shallowUpdate {setting}"
        ));
        for push in [
            "git -C ../part push ../server.git refs/gatos/journal/m:refs/gatos/journal/n",
            "git -C ../part push --force ../server.git $(git -C ../part commit-tree -m x $(git -C ../part mktree < /dev/null) -p refs/gatos/journal/m):refs/gatos/journal/m",
        ] {
            refused(&lab, push, "");
        }
        lab.ok("test ! -e ../server.git/shallow");
    }
    // A clone that has no blobs, from which they cannot be had any more.
    lab.ok("git config uploadpack.allowFilter true; git clone -q --no-checkout --filter=blob:none \"file://$PWD\" ../thin && \
            cd ../thin && git fetch -q origin '+refs/gatos/journal/m:refs/gatos/journal/m' && \
            git config remote.origin.url /nowhere");
    refused(
        &lab,
        "git -C ../thin push ../server.git refs/gatos/journal/m:refs/gatos/journal/n",
        "",
    );
    // Negative control: where the server has the history, a shallow clone's news is whole.
    lab.ok("git -C ../server.git config receive.shallowUpdate false; cd ../part && git checkout -q new && \
            git commit -q --allow-empty -m 4 && git push -q ../server.git new:main");
}

/// Let the gate have so much memory and time: a hook that needs more is killed, and refuses for that.
fn bounded(lab: &Lab) {
    lab.ok("cd ../server.git/hooks && sed -i 's,^exec ,ulimit -v 700000; ulimit -t 20\\nexec ,' pre-receive");
}

#[test]
fn a_blob_that_grows_very_large_is_not_read() {
    let lab = workshop();
    bounded(&lab);
    let size = if soaks() { 1 << 30 } else { 256 << 20 };
    let push = format!(
        "blob=$(forge zeros {size}); \
         timeout 100 git push origin $(follow $(forge tree 100644 batch $blob)):$journal"
    );
    let said = refused(&lab, &script(&push), "gate.journal");
    assert!(said.contains("bytes"), "{said}");
    // Negative control: so much as fits is read, within the same bounds, and is no batch.
    let push = "blob=$(forge zeros 8388608); git push origin $(follow $(forge tree 100644 batch $blob)):$journal";
    let said = refused(&lab, &script(push), "gate.journal");
    assert!(!said.contains("larger"), "{said}");
    lab.ok("git push -q origin refs/gatos/journal/m");
}

#[test]
fn deep_chains_of_deltas_are_read_within_bounds() {
    let lab = workshop();
    bounded(&lab);
    // Files of which each is the one before and a line, packed as deltas of each other as deep as Git does.
    let depth = if soaks() { 4000 } else { 1500 };
    lab.write(
        "../chain.py",
        "import subprocess, sys
count = int(sys.argv[1])
fast = subprocess.Popen(['git', 'fast-import', '--quiet', '--depth=4095', '--export-marks=../marks'], stdin=subprocess.PIPE)
text = b'0123456789abcdef' * 64
for n in range(count):
    text += b'%d\\n' % n
    fast.stdin.write(b'blob\\nmark :%d\\ndata %d\\n%s\\n' % (n + 1, len(text), text))
fast.stdin.close()
sys.exit(fast.wait())
",
    );
    let push = format!(
        "python3 ../chain.py {depth}; \
         ids=$(sort -t: -k2n ../marks | cut -d ' ' -f 2); \
         git mktree < <(n=0; for id in $ids; do n=$((n + 1)); printf '100644 blob %s\\tf%s\\n' $id $n; done) > ../files; \
         test $(git verify-pack -v .git/objects/pack/*.pack | awk 'NF == 7 && $6 > {depth} / 2' | wc -l) -gt 100 || exit 0; \
         deep=$(sort -t: -k2n ../marks | tail -1 | cut -d ' ' -f 2); \
         git update-ref refs/heads/files $(git commit-tree -m x $(cat ../files)); \
         timeout 100 git -c pack.depth=4095 -c pack.window=0 push origin refs/heads/files $(follow $(forge tree 100644 batch $deep)):$journal"
    );
    refused(&lab, &script(&push), "gate.journal");
    // Negative control: the same chain in a branch, and the event as it is.
    lab.ok("timeout 100 git -c pack.depth=4095 -c pack.window=0 push -q origin refs/heads/files refs/gatos/journal/m");
    lab.ok("test $(git verify-pack -v ../server.git/objects/pack/*.pack | awk 'NF == 7 && $6 > 700' | wc -l) -gt 100");
    assert!(refs(&lab).contains("refs/heads/files"));
}
