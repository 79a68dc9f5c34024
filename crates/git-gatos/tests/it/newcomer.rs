//! What somebody meets who begins: names, keys, clones, and hints that can be typed as they stand.

use crate::lab::{Lab, is_inside_a_nix_build};

#[test]
fn no_key_is_made_for_a_history_that_cannot_begin() {
    let lab = Lab::new();
    let make = "gatos init --new-key my-key";
    lab.fails(2, make);
    lab.ok("git init -q .");
    lab.fails(2, &format!("USER= {make}"));
    lab.fails(2, &format!("{make} --actor alice --profile nowhere.toml"));
    lab.fails(2, &format!("{make} --actor alice --policy nowhere.rgc"));
    assert_eq!(lab.ok("ls"), "");
    assert_eq!(lab.ok("git config gatos.signingKey || true"), "");
    // The control: with all that is needed there is a key, and it is the repository's.
    lab.ok(&format!("{make} --actor alice"));
    assert_eq!(lab.ok("ls"), "my-key\nmy-key.pub");
    assert!(lab.ok("git config gatos.signingKey").ends_with("/my-key"));
    lab.fails(2, "gatos init --new-key another --actor alice");
    assert_eq!(lab.ok("ls"), "my-key\nmy-key.pub");
}

#[test]
fn whoever_has_no_name_is_offered_one_and_can_type_the_hint() {
    let lab = Lab::new();
    lab.ok("git init -q .");
    let cases = [
        ("USER=", "", "gatos init --actor your-name`"),
        ("USER='Ada King'", "", "gatos init --actor ada-king`"),
        ("USER=", "Ada Lovelace", "gatos init --actor ada-lovelace`"),
        ("USER=Ä", "Ä", "gatos init --actor your-name`"),
    ];
    for (user, in_git, expect) in cases {
        lab.ok(&format!("git config user.name '{in_git}'"));
        let said = lab.fails(2, &format!("{user} gatos init"));
        assert!(said.contains(expect), "{user} {in_git}: {said}");
        assert!(said.contains("lower-case letters, digits"), "{said}");
    }
    let said = lab.fails(2, "USER= gatos init --new-key k");
    assert!(said.contains("gatos init --new-key k --actor"), "{said}");
    // The system's own name is used as it is, in lower case, and Git's is not taken unasked.
    lab.ok("git config user.name Bob");
    assert!(
        lab.ok("USER=Alice gatos init")
            .contains("founder      alice")
    );
}

#[test]
fn a_key_that_is_there_is_signed_with_as_the_hint_says() {
    let lab = Lab::new();
    lab.ok("git init -q . && ssh-keygen -q -t ed25519 -N '' -f my-key");
    let said = lab.fails(2, "gatos init --actor alice --new-key my-key");
    assert!(said.contains("`my-key` exists already"), "{said}");
    assert!(said.contains("`--key my-key`"), "{said}");
    lab.ok("gatos init --actor alice --key my-key");
    // Half a key is nothing to sign with.
    lab.ok("git init -q half && touch half/k.pub");
    let said = lab.fails(2, "cd half && gatos init --actor alice --new-key k");
    assert!(
        said.contains("exists already") && !said.contains("--key"),
        "{said}"
    );
}

#[test]
fn whoever_keeps_a_key_where_git_takes_it_is_warned() {
    let lab = Lab::new();
    let warned = |folder: &str, options: &str| {
        let said = lab.ok(&format!("git init -q {folder} && cd {folder} && {options}"));
        said.contains("would take the key")
    };
    assert!(warned("a", "gatos init --new-key k"));
    assert!(warned("b", "mkdir x && cd x && gatos init --new-key ../k"));
    assert!(warned(
        "c",
        "cp ../a/k . && git add k && gatos init --key k"
    ));
    // The controls: elsewhere, and ignored.
    assert!(!warned("d", "gatos init --new-key ../k"));
    assert!(!warned(
        "e",
        "echo k > .gitignore && gatos init --new-key k"
    ));
    assert!(!warned("f", "gatos init"));
}

#[test]
fn in_a_clone_the_history_is_fetched_before_another_begins() {
    let lab = Lab::with_repository();
    lab.ok("gatos -q event append notes --type note '{\"a\": 1}'");
    lab.ok("git commit -q --allow-empty -m x && git clone -q . ../clone");
    let said = lab.fails(2, "gatos -C ../clone status");
    let fetch = "git fetch origin 'refs/gatos/*:refs/gatos/*'";
    assert!(said.contains(&format!("hint: `{fetch}`")), "{said}");
    lab.ok(&format!(
        "cd ../clone && {fetch} && gatos status && gatos event list notes"
    ));
    // A remote of another name, and none.
    lab.ok("git init -q ../bare && git -C ../bare remote add upstream ..");
    let said = lab.fails(2, "gatos -C ../bare status");
    assert!(said.contains("hint: `git fetch upstream '"), "{said}");
    let said = lab.fails(2, "git init -q ../new && gatos -C ../new status");
    assert!(said.contains("hint: run `gatos init`"), "{said}");
}

#[test]
fn a_study_is_called_as_its_folder_is_if_it_can_be() {
    let lab = Lab::new();
    let named = |folder: &str| lab.ok(&format!("grep ' name = ' '{folder}/experiment.nix'"));
    for name in ["second", "co2.2024", "my-study"] {
        let said = lab.ok(&format!("gatos new {name}"));
        assert_eq!(named(name), format!("  name = \"{name}\";"));
        assert!(!said.contains("is called"), "{said}");
    }
    lab.ok("mkdir fifth && cd fifth && gatos new .");
    assert_eq!(named("fifth"), "  name = \"fifth\";");
    for name in ["My-Second", "a..b", "x.lock", "my study"] {
        let said = lab.ok(&format!("gatos new '{name}'"));
        assert_eq!(named(name), "  name = \"my-study\";");
        assert!(said.contains("the study is called my-study"), "{said}");
        assert!(said.contains(&format!("{name}/experiment.nix")), "{said}");
    }
}

#[test]
fn what_goes_wrong_in_a_run_is_said_first_and_the_rest_is_found() {
    if is_inside_a_nix_build() {
        return;
    }
    let lab = Lab::new();
    lab.with_packages();
    lab.ok("gatos -q new s && cd s && git add --all && gatos -q init");
    // Without flake.lock, what helps can be typed as it stands.
    let said = lab.fails(2, "cd s && gatos run");
    let fix = "nix flake lock && git add flake.lock";
    assert!(said.contains(&format!("run `{fix}`")), "{said}");
    lab.ok(&format!("cd s && {{ {fix}; }} 2>&1 && git commit -qm s"));
    // The last error of Nix's comes before the way there.
    lab.ok("cd s && sed -i 's/name = \"s\"/name = \"S\"/' experiment.nix && git commit -qam n");
    let said = lab.fails(2, "cd s && gatos run");
    let first = said
        .lines()
        .find(|line| line.contains("error: ") && line.starts_with(' '));
    assert!(
        first.is_some_and(|line| line.contains("a name starts with")),
        "{said}"
    );
    lab.ok("cd s && git revert --no-edit HEAD");
    let id = lab.ok("cd s && gatos -q run");
    // A job's log by its experiment, and where all jobs are.
    let log = lab.ok(&format!("cd s && gatos job log {id}"));
    assert!(log.contains("gatos-isolation"), "{log}");
    let said = lab.fails(2, "cd s && gatos job log 01ZZZZ");
    assert!(said.contains("`gatos job list`"), "{said}");
    // One id for an experiment, in a file of evidence as everywhere.
    let proof = format!("cd s && gatos experiment show {id} --json | jq -r .id");
    let proof = lab.ok(&proof);
    let shown = lab.ok(&format!(
        "cd s && gatos evidence pack -q {id} -o ../s.car && gatos evidence show ../s.car"
    ));
    assert!(
        shown.contains(&format!("experiment   {proof}")),
        "{shown} {proof}"
    );
    // The room is made where it is asked for, and the files are in it.
    lab.ok("gatos reproduce s.car --keep new/room");
    assert_eq!(
        lab.ok("ls new/room/*/nix/store/*-s/summary.json | wc -l"),
        "1"
    );
}
