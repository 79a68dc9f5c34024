//! A secret that a job was given or shows: whoever runs it is told. (J-14)

use crate::lab::{Lab, is_inside_a_nix_build};

const CANARY: &str = "ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8";

/// A run of a study with this experiment and program, as JSON.
fn run(lab: &Lab, parameters: &str, program: &str) -> serde_json::Value {
    lab.write("s/analysis.sh", program);
    lab.write(
        "s/experiment.nix",
        format!(
            "{{ gatos, pkgs }}: gatos.lib.mkExperiment {{\n  inherit pkgs; name = \"leaky\"; \
             program = ./analysis.sh;\n  {parameters}\n}}\n"
        ),
    );
    lab.ok("cd s && git add --all && git commit -qm s");
    serde_json::from_str(&lab.ok("cd s && gatos run --json")).unwrap()
}

fn places(report: &serde_json::Value) -> Vec<String> {
    let secrets = report["secrets"].as_array().unwrap().iter();
    secrets
        .map(|secret| secret["place"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn j14_a_canary_is_flagged_wherever_it_is() {
    if is_inside_a_nix_build() {
        return;
    }
    let lab = Lab::new();
    lab.with_packages();
    lab.ok(
        "gatos -q new s && cd s && rm -rf data && git add --all && nix flake lock 2>/dev/null && \
         git add --all && git commit -qm s && gatos -q init",
    );
    // The control: a study without any.
    let clean = run(&lab, "", "mkdir $out; echo 1 > $out/n");
    assert_eq!(places(&clean), Vec::<String>::new());
    let cases = [
        (
            format!("parameters.key = \"{CANARY}\";"),
            "mkdir $out; echo 2 > $out/n".to_owned(),
            "input parameters, line 1",
        ),
        (
            format!("command = \"TOKEN={CANARY} bash $program\";"),
            "mkdir $out; echo 3 > $out/n".to_owned(),
            "the derivation, variable `gatosCommand`",
        ),
        (
            String::new(),
            format!("mkdir $out; echo {CANARY} >&2"),
            "the log, line 2",
        ),
        (
            String::new(),
            format!("mkdir $out; echo > $out/n; echo {CANARY} >> $out/n"),
            "output out, file n, line 2",
        ),
    ];
    for (parameters, program, expect) in cases {
        let found = places(&run(&lab, &parameters, &program));
        assert_eq!(found, [expect], "{parameters} {program}");
    }
    let failed = lab.fails(
        1,
        &format!(
            "cd s && echo 'echo {CANARY}; exit 3' > analysis.sh && git commit -qam f && gatos run"
        ),
    );
    assert!(
        failed.contains("the log, line 2 seems to hold a token of GitHub"),
        "{failed}"
    );
}
