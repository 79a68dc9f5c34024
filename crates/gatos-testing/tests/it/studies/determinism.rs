//! The same bytes in every environment.

use std::fs;

use gatos_testing::{Job, Outputs};
use tempfile::TempDir;

use super::co2::{state, weeks};
use super::{co2_job, penguins_job, read};

/// What a job's results must not depend on.
const ENVIRONMENTS: [&[(&str, &str)]; 3] = [
    &[("PYTHONHASHSEED", "0"), ("TZ", "UTC"), ("LC_ALL", "C")],
    &[
        ("PYTHONHASHSEED", "1"),
        ("TZ", "Asia/Kathmandu"),
        ("LC_ALL", "C.UTF-8"),
    ],
    &[
        ("PYTHONHASHSEED", "2"),
        ("TZ", "America/St_Johns"),
        ("PYTHONUTF8", "0"),
    ],
];

/// The outputs of the job in every environment, each in a folder of its own.
fn everywhere(job: impl Fn() -> Job) -> Vec<Outputs> {
    let run = |variables: &&[(&str, &str)]| {
        let job = variables
            .iter()
            .fold(job(), |job, (name, value)| job.variable(name, value));
        job.run().unwrap()
    };
    ENVIRONMENTS.iter().map(run).collect()
}

fn same(outputs: &[Outputs]) -> bool {
    outputs.iter().all(|other| *other == outputs[0])
}

#[test]
fn co2_writes_the_same_bytes_everywhere() {
    let (csv, state) = (read("co2/data/co2.csv"), state(&weeks()));
    let outputs = everywhere(|| co2_job(&csv, &state));
    assert_eq!(outputs[0].len(), 5);
    assert!(same(&outputs));
}

#[test]
fn penguins_write_the_same_bytes_everywhere() {
    let csv = read("penguins/data/penguins.csv");
    let outputs = everywhere(|| penguins_job(&csv));
    assert_eq!(outputs[0].len(), 5);
    assert!(same(&outputs));
}

#[test]
fn a_program_that_depends_on_its_environment_is_found() {
    let programs = [
        "names = ' '.join({'Adelie', 'Chinstrap', 'Gentoo', 'Emperor', 'King', 'Rockhopper'})",
        "import time; names = time.strftime('%H:%M', time.localtime(0))",
        "import os; names = os.getcwd()",
    ];
    let folder = TempDir::new().unwrap();
    for (k, body) in programs.iter().enumerate() {
        let program = folder.path().join(format!("{k}.py"));
        let write =
            "os.mkdir(os.environ['out']); open(os.environ['out'] + '/names', 'w').write(names)";
        fs::write(&program, format!("import os; {body}; {write}\n")).unwrap();
        assert!(!same(&everywhere(|| Job::new(&program).unwrap())), "{body}");
    }
}
