//! Bad input ends a program with a message that names the place, and without results.

use gatos_testing::{Job, JobError};

use super::co2::{state, weeks};
use super::{CO2_PARAMETERS, co2_job, path, penguins_job, read};

fn check(what: &str, job: Job, expect: &str) {
    match job.run() {
        Err(JobError::Refused {
            message,
            wrote: false,
        }) if message.contains(expect) => {
            assert_eq!(
                message.lines().count(),
                1,
                "{what}: not one line: {message}"
            );
        }
        other => panic!("{what}: expected a refusal with `{expect}`, got {other:?}"),
    }
}

/// The file with its line `number`, counted from 1, replaced.
fn with_line(text: &str, number: usize, line: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines[number - 1] = line;
    lines.join("\n") + "\n"
}

#[test]
fn co2_refuses_a_file_that_is_wrong() {
    let (csv, state) = (read("co2/data/co2.csv"), state(&weeks()));
    for (number, line, expect) in [
        (1, "day,co2", "the header is `day,co2`, expected date,co2"),
        (5, "19580419,abc", "line 5: co2 is `abc`"),
        (5, "19580419,nan", "line 5: co2 is `nan`"),
        (5, "19580419", "line 5: co2 is `None`"),
        (5, "19581341,317.5", "line 5: date is `19581341`"),
        (5, "1958-04-19,317.5", "line 5: date is `1958-04-19`"),
        (
            5,
            "19580412,317.5",
            "line 5: 1958-04-12 does not come after 1958-04-12",
        ),
    ] {
        check(
            line,
            co2_job(&with_line(&csv, number, line), &state),
            expect,
        );
    }
    check("empty", co2_job("", &state), "the header is ``");
    check("no years", co2_job(&csv, "[]"), "no map `years`");
    check("no JSON", co2_job(&csv, "{"), "inputs/yearly.json");
}

#[test]
fn co2_refuses_a_state_that_is_not_of_its_file() {
    let (csv, weeks) = (read("co2/data/co2.csv"), weeks());
    let changed = with_line(&csv, 2, "19580329,316.2");
    check(
        "one tenth more",
        co2_job(&changed, &state(&weeks)),
        "1958 is (mean 315.42, ",
    );
    check(
        "cut short",
        co2_job(&csv, &state(&weeks[..weeks.len() - 1])),
        "2001 is (",
    );
    let doubled = state(&weeks).replacen(r#""mean":"#, r#""mean":1"#, 1);
    check(
        "a mean that is not of its sum",
        co2_job(&csv, &doubled),
        "1958 is (",
    );
}

#[test]
fn co2_refuses_parameters_that_it_does_not_know() {
    let (csv, state) = (read("co2/data/co2.csv"), state(&weeks()));
    for (parameters, expect) in [
        (
            r#"{"harmonics": 2}"#,
            "expected exactly the parameters harmonics, trend_degree",
        ),
        (
            r#"{"harmonics": 2, "trend_degree": 3, "x": 1}"#,
            "expected exactly the parameters",
        ),
        (r#"{"harmonics": 0, "trend_degree": 3}"#, "harmonics is `0`"),
        (
            r#"{"harmonics": 2, "trend_degree": 2.5}"#,
            "trend_degree is `2.5`",
        ),
        (
            r#"{"harmonics": "2", "trend_degree": 3}"#,
            "harmonics is `2`, expected a whole",
        ),
    ] {
        check(
            parameters,
            co2_job(&csv, &state).parameters(parameters).unwrap(),
            expect,
        );
    }
    let alone = Job::new(&path("co2/analysis"))
        .unwrap()
        .parameters(CO2_PARAMETERS)
        .unwrap();
    check("no inputs", alone, "inputs/co2");
}

#[test]
fn co2_refuses_too_few_measurements() {
    let weeks = &weeks()[..8];
    let csv: String = read("co2/data/co2.csv")
        .lines()
        .take(9)
        .map(|line| format!("{line}\n"))
        .collect();
    check(
        "eight weeks",
        co2_job(&csv, &state(weeks)),
        "too few for this model",
    );
}

#[test]
fn penguins_refuse_a_file_that_is_wrong() {
    let csv = read("penguins/data/penguins.csv");
    for (number, line, expect) in [
        (1, "species,sex", "no column `bill_length_mm`"),
        (
            3,
            "Adelie,Torgersen,39.55,17.4,186,3800,female,2007",
            "line 3: bill_length_mm is `39.55`",
        ),
        (
            3,
            "Adelie,Torgersen,-39.5,17.4,186,3800,female,2007",
            "line 3: bill_length_mm is `-39.5`",
        ),
        (
            3,
            "Adelie,Torgersen,39.5,17.4,186,heavy,female,2007",
            "line 3: body_mass_g is `heavy`",
        ),
        (
            3,
            "Adelie,Torgersen,39.5,17.4,186,3800,f,2007",
            "line 3: sex is `f`",
        ),
        (
            3,
            "<b>,Torgersen,39.5,17.4,186,3800,female,2007",
            "line 3: species is `<b>`",
        ),
        (3, "Adelie,Torgersen", "line 3: bill_length_mm is `None`"),
    ] {
        check(line, penguins_job(&with_line(&csv, number, line)), expect);
    }
    let header = "species,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex\n";
    check(
        "no birds",
        penguins_job(header),
        "no bird of Adelie or Chinstrap was measured",
    );
    let negative = penguins_job(&csv)
        .parameters(r#"{"permutations": 99, "seed": -1}"#)
        .unwrap();
    check("seed", negative, "seed is `-1`");
}
