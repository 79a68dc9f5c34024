//! Jobs as their derivations describe them.

use gatos_nix::derivation::DrvClosure;
use gatos_nix::job::{Job, JobError, ReadInputsError};

use crate::stage::{Stage, make_writable};

fn job(stage: &Stage, data: &str, script: &str) -> DrvClosure {
    stage.instantiate(&format!(
        r#"let
    data = builtins.toFile "data.csv" "{data}";
    made = derivation {{
      name = "made"; system = builtins.currentSystem; builder = "${{tools}}/sh";
      args = [ "-euc" "echo {data} > $out" ]; PATH = "${{tools}}";
    }};
    inputs = {{ "data.csv" = data; made = made; }};
  in toy "j" "{script} ${{data}} ${{made}}" {{ gatosInputs = builtins.toJSON inputs; first = data; }}"#
    ))
}

#[test]
fn a_job_is_read_from_its_derivation() {
    let stage = Stage::new();
    let closure = job(&stage, "1", "cat");
    let job = Job::of(&closure).unwrap();
    assert_eq!(job.name.as_str(), "j");
    assert_eq!(job.timeout.unwrap().as_secs(), 60);
    assert_eq!(
        job.program.id,
        format!("nix:{}", closure.root().path().base_name())
    );
    assert!(job.program.id.ends_with("-j.drv"));
    let made: Vec<_> = job.made.iter().map(|name| name.as_str()).collect();
    assert_eq!(made, ["made"]);
    let names: Vec<_> = job.inputs.keys().map(|name| name.as_str()).collect();
    assert_eq!(names, ["data.csv", "made"]);
    let block = String::from_utf8_lossy(&job.builder_block);
    assert!(block.contains("@input:data.csv@") && block.contains("@input:made@"));
    for path in job.inputs.values().chain([&job.output]) {
        assert!(!block.contains(&path.hash_part()), "{path}");
    }
}

#[test]
fn builder_id_names_the_program_without_its_data() {
    let stage = Stage::new();
    let read = |data: &str, script: &str| Job::of(&job(&stage, data, script)).unwrap();
    let first = read("1", "cat");
    let other_data = read("2", "cat");
    let other_script = read("1", "ls");
    assert_eq!(first.builder, other_data.builder);
    assert_ne!(first.program, other_data.program);
    assert_ne!(first.inputs, other_data.inputs);
    assert_ne!(first.builder, other_script.builder);
    assert_eq!(first, read("1", "cat"));
}

/// What is said of an error.
type Expect = fn(&JobError) -> bool;

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_is_no_job() {
    let stage = Stage::new();
    let read = |more: &str| {
        let closure = stage.instantiate(&format!("toy \"j\" \"true\" {{ {more} }}"));
        Job::of(&closure).unwrap_err()
    };
    let cases: &[(&str, Expect)] = &[
        ("gatosJob = null;", |e| {
            matches!(e, JobError::Version { .. })
        }),
        ("gatosJob = \"2\";", |e| {
            matches!(e, JobError::Version { .. })
        }),
        ("gatosName = \"no such\";", |e| {
            matches!(e, JobError::Name { .. })
        }),
        ("gatosName = \"../x\";", |e| {
            matches!(e, JobError::Name { .. })
        }),
        ("gatosInputs = \"[]\";", |e| {
            matches!(
                e,
                JobError::Attribute {
                    name: "gatosInputs",
                    ..
                }
            )
        }),
        ("gatosInputs = \"{\";", |e| {
            matches!(
                e,
                JobError::Attribute {
                    name: "gatosInputs",
                    ..
                }
            )
        }),
        ("gatosInputs = ''{\"a\":1}'';", |e| {
            matches!(e, JobError::Attribute { .. })
        }),
        ("gatosInputs = ''{\"a\":\"/etc/passwd\"}'';", |e| {
            matches!(e, JobError::Input { .. })
        }),
        (
            "gatosInputs = ''{\"a\":\"/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-a\"}'';",
            |e| matches!(e, JobError::Input { .. }),
        ),
        (
            "gatosInputs = builtins.toJSON { a = \"${tools}/sh\"; };",
            |e| matches!(e, JobError::Input { .. }),
        ),
        ("gatosInputs = builtins.toJSON { \"a b\" = tools; };", |e| {
            matches!(e, JobError::Name { .. })
        }),
        ("gatosTimeout = \"0\";", |e| {
            matches!(
                e,
                JobError::Attribute {
                    name: "gatosTimeout",
                    ..
                }
            )
        }),
        ("gatosTimeout = \"-1\";", |e| {
            matches!(e, JobError::Attribute { .. })
        }),
        ("gatosTimeout = \"99999999999\";", |e| {
            matches!(e, JobError::Attribute { .. })
        }),
        ("outputs = [ \"out\" \"dev\" ];", |e| {
            matches!(e, JobError::Outputs { .. })
        }),
        ("outputs = [ \"dev\" ];", |e| {
            matches!(e, JobError::Outputs { .. })
        }),
        ("__noChroot = true;", |e| {
            matches!(
                e,
                JobError::Unsandboxed {
                    name: "__noChroot",
                    ..
                }
            )
        }),
        ("__structuredAttrs = true;", |e| {
            matches!(
                e,
                JobError::NotAJob { .. } | JobError::StructuredAttributes { .. }
            )
        }),
        ("outputHash = \"\"; outputHashAlgo = \"sha256\";", |e| {
            matches!(e, JobError::NotInputAddressed { .. })
        }),
    ];
    for (more, expect) in cases {
        let error = read(more);
        assert!(expect(&error), "{more}: {error}");
    }
    let plain = stage.instantiate(
        "builtins.removeAttrs (derivation { name = \"p\"; system = \"s\"; builder = \"b\"; }) []",
    );
    assert!(matches!(Job::of(&plain), Err(JobError::NotAJob { .. })));
}

#[test]
fn inputs_are_hashed_where_they_lie() {
    let stage = Stage::new();
    let closure = job(&stage, "1", "cat");
    let job = Job::of(&closure).unwrap();
    let missing = job.read_inputs(&stage.nix).unwrap_err();
    assert!(
        matches!(missing, ReadInputsError::Missing { .. }),
        "{missing}"
    );
    // Building makes the input that is an output of another derivation. The job itself fails.
    stage.realise(&closure).unwrap();
    let items = job.read_inputs(&stage.nix).unwrap();
    for item in items.items() {
        let path = job.inputs[&item.name].below(stage.nix.store_root());
        assert_eq!(item.nar, gatos_nix::nar::hash(&path).unwrap());
    }
    for path in job.inputs.values() {
        let disk = path.below(stage.nix.store_root());
        let honest = std::fs::read(&disk).unwrap();
        make_writable(&disk);
        std::fs::set_permissions(&disk, std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .unwrap();
        std::fs::write(&disk, "9").unwrap();
        let altered = job.read_inputs(&stage.nix).unwrap_err();
        assert!(
            matches!(&altered, ReadInputsError::Altered { path: p } if p == path),
            "{altered}"
        );
        std::fs::write(&disk, honest).unwrap();
    }
}
