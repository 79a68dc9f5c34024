//! Palmer penguins: statistics with floats, and p-values without chance.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use gatos_testing::Outputs;

use super::{assert_quoted, assert_rounded, json, number, penguins_job, read};

const MEASURES: [&str; 4] = [
    "bill_length_mm",
    "bill_depth_mm",
    "flipper_length_mm",
    "body_mass_g",
];

/// What the study writes.
pub(super) static OUTPUTS: LazyLock<Outputs> = LazyLock::new(|| {
    let job = penguins_job(&read("penguins/data/penguins.csv"));
    job.run().unwrap()
});

/// One line of the data by column.
type Bird = BTreeMap<String, String>;

fn birds() -> Vec<Bird> {
    let data = read("penguins/data/penguins.csv");
    let mut lines = data.lines().map(|line| line.split(',').map(str::to_owned));
    let header: Vec<String> = lines.next().unwrap().collect();
    lines
        .map(|cells| header.iter().cloned().zip(cells).collect())
        .collect()
}

/// The measured values of a group; `sex` is `all`, `female`, `male` or `unknown`.
fn values(birds: &[Bird], species: &str, sex: &str, measure: &str) -> Vec<f64> {
    birds
        .iter()
        .filter(|bird| bird["species"] == species)
        .filter(|bird| sex == "all" || bird["sex"] == if sex == "unknown" { "NA" } else { sex })
        .filter_map(|bird| bird[measure].parse().ok())
        .collect()
}

#[test]
fn groups_have_the_right_statistics() {
    let summary = json(&OUTPUTS, "summary.json");
    let birds = birds();
    let groups = summary["groups"].as_array().unwrap();
    assert_eq!(
        groups.len(),
        11,
        "three species, two sexes, and unknown ones in two species"
    );
    for group in groups {
        let (species, sex) = (
            group["species"].as_str().unwrap(),
            group["sex"].as_str().unwrap(),
        );
        for measure in MEASURES {
            let found = &group["measures"][measure];
            let what = format!("{species} {sex} {measure}");
            let values = values(&birds, species, sex, measure);
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
            assert_eq!(found["n"], values.len(), "{what}");
            assert_eq!(
                number(&found["n"]) + number(&found["missing"]),
                number(&group["birds"]),
                "{what}"
            );
            assert_rounded(&what, &found["mean"], mean, 3);
            assert_rounded(&what, &found["sd"], (squares / (n - 1.0)).sqrt(), 3);
            assert_rounded(
                &what,
                &found["min"],
                values.iter().copied().fold(f64::MAX, f64::min),
                3,
            );
            assert_rounded(
                &what,
                &found["max"],
                values.iter().copied().fold(f64::MIN, f64::max),
                3,
            );
        }
    }
}

#[test]
fn the_published_means_are_found() {
    // The package's own documentation and Gorman et al. (2014), rounded as there.
    let csv = String::from_utf8(OUTPUTS["summary.csv"].clone()).unwrap();
    for line in [
        "Adelie,all,bill_length_mm,151,1,38.791,",
        "Chinstrap,all,bill_length_mm,68,0,48.834,",
        "Gentoo,all,bill_length_mm,123,1,47.505,",
        "Adelie,all,body_mass_g,151,1,3700.662,",
        "Chinstrap,all,body_mass_g,68,0,3733.088,",
        "Gentoo,all,body_mass_g,123,1,5076.016,",
    ] {
        assert!(csv.contains(line), "{line}");
    }
    let summary = json(&OUTPUTS, "summary.json");
    assert_eq!(summary["birds"], 344);
    assert_eq!(summary["missing"]["sex"], 11);
    assert_eq!(summary["missing"]["body_mass_g"], 2);
}

#[test]
fn sampled_p_values_agree_with_exact_ones() {
    let summary = json(&OUTPUTS, "summary.json");
    let birds = birds();
    let group = |name: &str, measure: &str| {
        let (species, sex) = name.split_once(' ').unwrap_or((name, "all"));
        values(&birds, species, sex, measure)
    };
    for test in summary["tests"].as_array().unwrap() {
        let measure = test["measure"].as_str().unwrap();
        let [first, second] =
            ["first", "second"].map(|k| group(test[k].as_str().unwrap(), measure));
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        assert_rounded(
            measure,
            &test["difference"],
            mean(&second) - mean(&first),
            3,
        );

        let (sampled, exact) = (number(&test["p"]), exact_p(&first, &second));
        // 9,999 draws scatter by this much; four times that happens once in 16,000 seeds, and the
        // estimator adds one case to both counts.
        let scatter = (exact * (1.0 - exact) / 9999.0).sqrt();
        assert!(
            (sampled - exact).abs() <= 4.0 * scatter + 1e-4,
            "{}: sampled {sampled}, exact {exact}",
            test["name"]
        );
    }
}

/// The p-value over all relabellings: how many subsets of the pooled values, as large as the
/// smaller group, have each sum, by dynamic programming.
fn exact_p(first: &[f64], second: &[f64]) -> f64 {
    let tenths = |values: &[f64]| {
        values
            .iter()
            .map(|x| (x * 10.0).round() as i64)
            .collect::<Vec<_>>()
    };
    let (small, large) = if first.len() < second.len() {
        (first, second)
    } else {
        (second, first)
    };
    let (small, large) = (tenths(small), tenths(large));
    let pool: Vec<i64> = small.iter().chain(&large).copied().collect();
    let lowest = *pool.iter().min().unwrap();
    let unit = pool.iter().fold(0, |unit, x| gcd(unit, x - lowest));
    let steps: Vec<usize> = pool
        .iter()
        .map(|x| ((x - lowest) / unit) as usize)
        .collect();

    let size = small.len();
    let width = size * steps.iter().max().unwrap() + 1;
    let mut ways = vec![vec![0.0_f64; width]; size + 1];
    ways[0][0] = 1.0;
    for step in &steps {
        for chosen in (1..=size).rev() {
            let (fewer, more) = ways.split_at_mut(chosen);
            let from = &fewer[chosen - 1][..width - step];
            more[0][*step..]
                .iter_mut()
                .zip(from)
                .for_each(|(x, y)| *x += y);
        }
    }
    let (n, total) = (pool.len() as i64, steps.iter().sum::<usize>() as i64);
    let distance = |sum: i64| (n * sum - size as i64 * total).abs();
    let observed = distance(steps[..size].iter().sum::<usize>() as i64);
    let all: f64 = ways[size].iter().sum();
    let extreme = ways[size]
        .iter()
        .enumerate()
        .filter(|(sum, _)| distance(*sum as i64) >= observed);
    extreme.map(|(_, ways)| ways).sum::<f64>() / all
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[test]
fn the_data_count_as_a_relabelling_and_ties_as_extreme() {
    let summary = json(&OUTPUTS, "summary.json");
    for test in summary["tests"].as_array().unwrap() {
        let cases = number(&test["permutations"]) + 1.0;
        assert_rounded("p", &test["p"], (number(&test["extreme"]) + 1.0) / cases, 6);
    }
    // Where all birds are alike, every relabelling is as extreme as the data.
    let mut csv =
        "species,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex\n".to_owned();
    for (species, sex) in [
        ("Adelie", "female"),
        ("Adelie", "male"),
        ("Chinstrap", "male"),
    ] {
        csv += &format!("{species},40.1,18.3,190,3700,{sex}\n").repeat(3);
    }
    let alike = json(&penguins_job(&csv).run().unwrap(), "summary.json");
    for test in alike["tests"].as_array().unwrap() {
        assert_eq!(
            (&test["p"], &test["extreme"]),
            (&1.0.into(), &9999.into()),
            "{test}"
        );
    }
}

#[test]
fn exact_p_of_a_case_counted_by_hand() {
    // Of the six pairs of {1, 2, 3, 4}, {1, 2} and {3, 4} are the furthest from the mean.
    assert_eq!(exact_p(&[1.0, 2.0], &[3.0, 4.0]), 2.0 / 6.0);
    assert_eq!(exact_p(&[1.0, 4.0], &[2.0, 3.0]), 1.0);
}

#[test]
fn the_readme_quotes_the_results() {
    let readme = read("penguins/README.md");
    let summary = json(&OUTPUTS, "summary.json");
    for test in summary["tests"].as_array().unwrap() {
        assert_quoted(
            &readme,
            &test.to_string().replace("\":", "\": "),
            &["difference"],
        );
        assert!(
            readme.contains(&format!("| {} |", number(&test["p"]))),
            "{}",
            test["p"]
        );
    }
    let csv = String::from_utf8(OUTPUTS["summary.csv"].clone()).unwrap();
    for line in csv.lines().filter(|line| line.contains("male,")) {
        let cells: Vec<&str> = line.split(',').collect();
        let quoted = format!("{} ({})", cells[5], cells[6]);
        assert!(readme.contains(&quoted), "the README does not quote {line}");
    }
}
