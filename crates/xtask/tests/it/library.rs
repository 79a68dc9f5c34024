//! A job's identity, the messages about wrong fields, states, and what `gatos run` reads.

use crate::study::Study;

#[test]
fn unrelated_files_do_not_change_the_program() {
    let study = Study::new();
    let before = study.derivation();
    study.write("README.md", "another text\n");
    study.write("notes/today.md", "a note\n");
    study.write("evidence/study.car", "evidence");
    study.write("fold.lua", "function fold(state, event) return event end\n");
    assert_eq!(study.derivation(), before);
    assert_eq!(
        Study::new().derivation(),
        before,
        "the folder is part of the identity"
    );
}

#[test]
fn every_part_of_the_job_changes_the_program() {
    let before = Study::new().derivation();
    let check = |study: Study, what: &str| assert_ne!(study.derivation(), before, "{what}");
    let rewritten = |file: &str, text: &str| {
        let study = Study::new();
        study.write(file, text);
        study
    };
    check(rewritten("numbers.csv", "1\n3\n"), "one byte of an input");
    check(
        rewritten("analysis.py", "print(2)\n"),
        "one byte of the program",
    );
    check(
        Study::new().replace("digits = 3", "digits = 4"),
        "a parameter",
    );
    check(
        Study::new().replace("inputs.numbers", "inputs.other"),
        "the name of an input",
    );
    check(
        Study::new().replace("\"small\"", "\"large\""),
        "the name of the study",
    );
    check(
        Study::new().replace("digits = 3;", "digits = 3; timeout = 60;"),
        "the timeout",
    );
    let command = "digits = 3; command = \"python3 -O $program\";";
    check(Study::new().replace("digits = 3;", command), "the command");
}

#[test]
fn a_state_comes_from_the_evidence_or_from_outside() {
    let study = Study::with_state();
    let missing = study
        .evaluate("study.drvPath")
        .expect_err("a state without content");
    assert!(
        missing.contains("state `daily` has no content yet: run `gatos run`"),
        "{missing}"
    );

    let study = study.replace(
        "journal = \"results\"",
        "evidence = ./evidence; journal = \"results\"",
    );
    study.write("evidence/states/daily.json", "{\"n\":1}\n");
    let recorded = study.derivation();
    study.write("elsewhere/state", "{\"n\":1}\n");
    let given = |expression: &str| {
        study
            .evaluate(&format!("({expression}).drvPath"))
            .expect("a derivation")
    };
    assert_eq!(
        given("study.withStates { daily = ./elsewhere/state; }"),
        recorded
    );
    // As `gatos run` does, which has added the file to the store.
    let stored = "let path = builtins.path { name = \"daily.json\"; path = ./elsewhere/state; }; \
                  text = builtins.unsafeDiscardStringContext path; \
                  in study.withStates { daily = builtins.appendContext text { \
                  ${text} = { path = true; }; }; }";
    assert_eq!(given(stored), recorded);
    study.write("elsewhere/state", "{\"n\":2}\n");
    assert_ne!(
        given("study.withStates { daily = ./elsewhere/state; }"),
        recorded
    );
    assert_eq!(
        given("(study.withStates { daily = ./elsewhere/state; }).withStates { }"),
        recorded
    );
}

#[test]
fn what_gatos_run_reads_needs_no_state() {
    let read = Study::with_state()
        .evaluate("study.gatos")
        .expect("metadata");
    let expected = concat!(
        r#"{"fold":"function fold(state, event) return state end\n","foldName":"fold.lua","#,
        r#""journal":"results","name":"small","states":{"daily":{"#,
        r#""fold":"function fold(s, e) return s end\n","foldName":"daily.lua","journal":"log"}},"#,
        r#""timeout":3600}"#
    );
    assert_eq!(read, expected);
}

#[test]
fn the_derivation_names_its_inputs() {
    let study = Study::with_state().replace(
        "journal = \"results\"",
        "evidence = ./evidence; journal = \"results\"",
    );
    study.write("evidence/states/daily.json", "{}");
    let read = |attribute: &str| {
        study
            .evaluate(&format!("study.{attribute}"))
            .expect("an attribute")
    };
    assert_eq!(read("gatosJob"), "\"1\"");
    assert_eq!(read("gatosName"), "\"small\"");
    assert_eq!(read("gatosTimeout"), "\"3600\"");
    assert_eq!(read("outputs or [ \"out\" ]"), "[\"out\"]");
    let inputs = read("gatosInputs");
    let places: Vec<_> = ["daily.json\\\":", "numbers\\\":", "parameters\\\":"]
        .iter()
        .map(|name| {
            inputs
                .find(name)
                .unwrap_or_else(|| panic!("{name} in {inputs}"))
        })
        .collect();
    assert!(places.is_sorted(), "{inputs}");
}

#[test]
fn messages_name_the_field_and_the_fix() {
    for (fields, expected) in WRONG_ALONE {
        check_message(fields, expected);
    }
    for (more, expected) in WRONG_IN_ADDITION {
        let fields = format!("name = \"small\"; program = ./analysis.py; {more}");
        check_message(&fields, expected);
    }
}

fn check_message(fields: &str, expected: &str) {
    let study = Study::new().fields(fields);
    let said = study
        .evaluate("[ study.gatos study.drvPath ]")
        .expect_err(fields);
    assert!(
        said.contains(expected),
        "{fields}\n  said: {said}\n  not: {expected}"
    );
}

const WRONG_ALONE: &[(&str, &str)] = &[
    (
        "name = \"Small\"; program = ./analysis.py;",
        "`name` is `Small`, but a name starts with",
    ),
    (
        "name = \"small\"; program = ./gone.py;",
        "which is not there; if you see the file, run `git add`",
    ),
    (
        "name = \"small\"; program = \"analysis.py\";",
        "`program` must be a path",
    ),
    ("name = \"small\"; program = ./.;", "`command` is missing"),
];

const WRONG_IN_ADDITION: &[(&str, &str)] = &[
    (
        "progam = 1;",
        "unknown attribute `progam`; the attributes are `pkgs`, `name`",
    ),
    ("inputs.x = ./gone.csv;", "`inputs.x` is"),
    ("inputs.x = \"data/x.csv\";", "`inputs.x` must be a path"),
    (
        "inputs.X = ./numbers.csv;",
        "`inputs.X` is `X`, but a name starts with",
    ),
    (
        "inputs.parameters = ./numbers.csv;",
        "that name is taken by `parameters`",
    ),
    ("inputs = [ ];", "`inputs` must be an attribute set"),
    ("parameters = 3;", "`parameters` must be an attribute set"),
    (
        "timeout = 0;",
        "`timeout` must be a whole number of seconds above 0",
    ),
    (
        "timeout = \"1h\";",
        "`timeout` must be a whole number of seconds above 0",
    ),
    ("command = 1;", "`command` must be a string"),
    ("fold = ./fold.lua;", "`fold` needs `journal`"),
    (
        "journal = \"a b\";",
        "`journal` is `a b`, but a journal's name is",
    ),
    (
        "states.x = { journal = \"log\"; };",
        "`states.x` needs `fold`",
    ),
    (
        "states.x = { fold = ./fold.lua; };",
        "`states.x` needs `journal`",
    ),
    (
        "states.x = { journal = \"log\"; fold = ./fold.lua; more = 1; };",
        "unknown attribute `more`",
    ),
    (
        "states.x = { journal = \"log\"; fold = ./fold.lua; }; inputs.\"x.json\" = ./numbers.csv;",
        "both make `inputs/x.json`",
    ),
];
