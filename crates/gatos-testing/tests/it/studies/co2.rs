//! CO2 at Mauna Loa: the fit and its errors with floats, the state with whole numbers.

use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::fmt::Write;
use std::sync::LazyLock;

use gatos_testing::Outputs;

use super::regression::{Fit, dot};
use super::{assert_quoted, assert_rounded, co2_job, json, number, read};

const DEGREE: usize = 3;
const WINDOW: usize = 209;

/// A week: its date as a number, and the measurement in tenths of ppm.
type Week = (u32, Option<i64>);

pub(super) fn weeks() -> Vec<Week> {
    let data = read("co2/data/co2.csv");
    data.lines().skip(1).map(week).collect()
}

fn week(line: &str) -> Week {
    let (date, ppm) = line.split_once(',').unwrap();
    let tenths = ppm
        .parse::<f64>()
        .ok()
        .map(|ppm| (ppm * 10.0).round() as i64);
    (date.parse().unwrap(), tenths)
}

/// The state that `yearly.lua` must reach, as JSON, from whole numbers.
pub(super) fn state(weeks: &[Week]) -> String {
    let mut years: BTreeMap<u32, (i64, i64, i64)> = BTreeMap::new();
    for (date, tenths) in weeks {
        let (n, missing, sum) = years.entry(date / 10_000).or_default();
        match tenths {
            Some(tenths) => (*n, *sum) = (*n + 1, *sum + tenths),
            None => *missing += 1,
        }
    }
    let totals = years
        .values()
        .fold((0, 0), |(n, missing), y| (n + y.0, missing + y.1));
    let mut text = format!(
        r#"{{"n":{},"missing":{},"skipped":0,"first":{},"last":{},"years":{{"#,
        totals.0,
        totals.1,
        weeks[0].0,
        weeks[weeks.len() - 1].0
    );
    for (k, (year, (n, missing, sum))) in years.iter().enumerate() {
        let comma = if k > 0 { "," } else { "" };
        let mean = mean(*sum, *n);
        let sum = format!("{}.{}", sum / 10, sum % 10);
        write!(
            text,
            r#"{comma}"{year}":{{"n":{n},"missing":{missing},"sum":{sum},"mean":{mean}}}"#
        )
        .unwrap();
    }
    text + "}}"
}

/// `tenths / 10 / n` with 28 significant digits, half to even, for means of 100 to 999.
fn mean(tenths: i64, n: i64) -> String {
    let (numerator, n) = (i128::from(tenths) * 10_i128.pow(24), i128::from(n));
    let (quotient, rest) = (numerator / n, numerator % n);
    let up = rest * 2 > n || (rest * 2 == n && quotient % 2 == 1);
    let digits = (quotient + i128::from(up)).to_string();
    assert_eq!(digits.len(), 28, "a mean of 100 to 999");
    let text = format!("{}.{}", &digits[..3], &digits[3..]);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The middle of a day: decades since 1980, and the part of the year that has passed.
fn time(date: u32) -> (f64, f64) {
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let lengths = [
        31,
        28 + u32::from(leap),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let before: u32 = lengths[..month as usize - 1].iter().sum();
    let passed = (f64::from(before + day) - 0.5) / f64::from(365 + u32::from(leap));
    ((f64::from(year) - 1980.0 + passed) / 10.0, passed)
}

fn trend_terms(time: f64) -> Vec<f64> {
    (0..=DEGREE).map(|k| time.powi(k as i32)).collect()
}

fn seasonal_terms(passed: f64) -> Vec<f64> {
    [1.0, 2.0]
        .iter()
        .flat_map(|k| [(TAU * k * passed).cos(), (TAU * k * passed).sin()])
        .collect()
}

fn terms(date: u32) -> Vec<f64> {
    let (time, passed) = time(date);
    [trend_terms(time), seasonal_terms(passed)].concat()
}

/// The model of the study, with the residual of every week.
struct Model {
    fit: Fit,
    weeks: Vec<Week>,
    residuals: Vec<Option<f64>>,
}

impl Model {
    fn new() -> Self {
        let weeks = weeks();
        let measured: Vec<(u32, f64)> = weeks
            .iter()
            .filter_map(|(date, t)| t.map(|t| (*date, t as f64 / 10.0)))
            .collect();
        let design: Vec<Vec<f64>> = measured.iter().map(|(date, _)| terms(*date)).collect();
        let values: Vec<f64> = measured.iter().map(|(_, ppm)| *ppm).collect();
        let fit = Fit::new(&design, &values);
        let residual =
            |(date, t): &Week| t.map(|t| t as f64 / 10.0 - dot(&terms(*date), &fit.coefficients));
        let residuals = weeks.iter().map(residual).collect();
        Self {
            fit,
            weeks,
            residuals,
        }
    }

    fn value(&self, weights: &[f64]) -> f64 {
        dot(weights, &self.fit.coefficients)
    }

    /// Newey and West's standard error, as the paper writes it: over pairs of weeks, by lag.
    fn error(&self, weights: &[f64]) -> f64 {
        let effect = self.fit.effect(weights);
        let pulls: Vec<f64> = self
            .weeks
            .iter()
            .zip(&self.residuals)
            .map(|((date, _), e)| e.map_or(0.0, |e| e * dot(&terms(*date), &effect)))
            .collect();
        let lagged = |lag: usize| dot(&pulls[lag..], &pulls[..pulls.len() - lag]);
        let weight = |lag: usize| 2.0 * (1.0 - lag as f64 / WINDOW as f64);
        (lagged(0)
            + (1..WINDOW)
                .map(|lag| weight(lag) * lagged(lag))
                .sum::<f64>())
        .sqrt()
    }
}

/// What the study writes.
pub(super) static OUTPUTS: LazyLock<Outputs> = LazyLock::new(|| {
    let job = co2_job(&read("co2/data/co2.csv"), &state(&weeks()));
    job.run().unwrap()
});

fn results() -> serde_json::Value {
    json(&OUTPUTS, "trend.json")
}

#[test]
fn coefficients_and_residuals() {
    let (model, results) = (Model::new(), results());
    let names = [
        "trend_0", "trend_1", "trend_2", "trend_3", "cos_1", "sin_1", "cos_2", "sin_2",
    ];
    for (name, coefficient) in names.iter().zip(&model.fit.coefficients) {
        assert_rounded(name, &results["coefficients"][name], *coefficient, 8);
    }
    let trend = &results["trend"];
    assert_eq!(
        (&trend["n"], &trend["missing"], &trend["weeks"]),
        (&2225.into(), &59.into(), &2284.into())
    );
    let known: Vec<f64> = model.residuals.iter().flatten().copied().collect();
    let squares = dot(&known, &known);
    assert_rounded(
        "residual sd",
        &trend["residual_sd"],
        (squares / (2225.0 - 8.0)).sqrt(),
        4,
    );
    assert_rounded("level", &trend["level_1980"], model.fit.coefficients[0], 4);
    let values: Vec<f64> = model
        .weeks
        .iter()
        .filter_map(|w| w.1)
        .map(|t| t as f64 / 10.0)
        .collect();
    let mean = values.iter().sum::<f64>() / 2225.0;
    let total: f64 = values.iter().map(|y| (y - mean).powi(2)).sum();
    assert_rounded("r squared", &trend["r_squared"], 1.0 - squares / total, 6);
    let neighbours: Vec<f64> = model
        .residuals
        .windows(2)
        .filter_map(|pair| Some(pair[0]? * pair[1]?))
        .collect();
    let covariance = neighbours.iter().sum::<f64>() / neighbours.len() as f64;
    assert_rounded(
        "persistence",
        &trend["persistence"],
        covariance / (squares / 2225.0),
        4,
    );
}

#[test]
fn growth_and_its_errors() {
    let (model, results) = (Model::new(), results());
    let trend = &results["trend"];
    for year in [1965, 1980, 1995] {
        let t = (f64::from(year) - 1980.0) / 10.0;
        let weights = [0.0, 0.1, 0.2 * t, 0.3 * t * t, 0.0, 0.0, 0.0, 0.0];
        let name = format!("rate_{year}");
        assert_rounded(&name, &trend[&name], model.value(&weights), 4);
        assert_rounded(
            &name,
            &trend[format!("{name}_error")],
            model.error(&weights),
            4,
        );
    }
    let [begin, end] = [19_580_329, 20_011_229].map(|date| time(date).0);
    let mut weights = vec![0.0; 8];
    for (k, (a, b)) in trend_terms(begin).iter().zip(trend_terms(end)).enumerate() {
        weights[k] = (b - a) / (end - begin) / 10.0;
    }
    assert_rounded("mean rate", &trend["mean_rate"], model.value(&weights), 4);
    assert_rounded(
        "mean rate",
        &trend["mean_rate_error"],
        model.error(&weights),
        4,
    );
}

#[test]
fn seasonal_cycle() {
    let (model, results) = (Model::new(), results());
    let season = &results["season"];
    let day = |day: u32| [vec![0.0; 4], seasonal_terms((f64::from(day) + 0.5) / 365.0)].concat();
    let cycle: Vec<f64> = (0..365).map(|k| model.value(&day(k))).collect();
    let highest = (0..365)
        .max_by(|a, b| cycle[*a].total_cmp(&cycle[*b]))
        .unwrap();
    let lowest = (0..365)
        .min_by(|a, b| cycle[*a].total_cmp(&cycle[*b]))
        .unwrap();
    // Day 138 counted from 0 is 19 May, day 275 is 3 October.
    assert_eq!((highest, &season["maximum_day"]), (138, &"05-19".into()));
    assert_eq!((lowest, &season["minimum_day"]), (275, &"10-03".into()));
    assert_rounded("maximum", &season["maximum"], cycle[highest], 4);
    assert_rounded("minimum", &season["minimum"], cycle[lowest], 4);
    let weights: Vec<f64> = day(138).iter().zip(day(275)).map(|(a, b)| a - b).collect();
    assert_rounded(
        "amplitude",
        &season["peak_to_peak"],
        model.value(&weights),
        4,
    );
    assert_rounded(
        "amplitude",
        &season["peak_to_peak_error"],
        model.error(&weights),
        4,
    );
}

#[test]
fn years_agree_with_the_model() {
    let (model, results) = (Model::new(), results());
    let mut years: BTreeMap<u32, Vec<(f64, f64)>> = BTreeMap::new();
    for (date, tenths) in &model.weeks {
        if let Some(tenths) = tenths {
            let fitted = model.value(&terms(*date));
            years
                .entry(date / 10_000)
                .or_default()
                .push((*tenths as f64 / 10.0, fitted));
        }
    }
    let means: BTreeMap<u32, (f64, f64)> = years
        .iter()
        .map(|(year, pairs)| {
            let n = pairs.len() as f64;
            let sum = pairs
                .iter()
                .fold((0.0, 0.0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
            (*year, (sum.0 / n, sum.1 / n))
        })
        .collect();
    let found = &results["years"];
    let squares: f64 = means
        .values()
        .map(|(mean, model)| (mean - model).powi(2))
        .sum();
    assert_eq!(found["years"], means.len());
    assert_rounded(
        "rms",
        &found["difference_rms"],
        (squares / means.len() as f64).sqrt(),
        4,
    );
    assert_eq!(found["largest_difference_year"], 1993);
    assert_rounded(
        "largest",
        &found["largest_difference"],
        means[&1993].0 - means[&1993].1,
        4,
    );
    let (from, to) = (means[&1959], means[&2001]);
    assert_rounded(
        "observed",
        &found["observed_rate"],
        (to.0 - from.0) / 42.0,
        4,
    );
    assert_rounded("modelled", &found["model_rate"], (to.1 - from.1) / 42.0, 4);
}

#[test]
fn the_numbers_are_the_known_ones() {
    // NOAA's decadal means of the growth at Mauna Loa: 0.8 (1960s) and 1.5 (1990s) ppm a year; its
    // annual means: 315.98 (1959) and 371.32 (2001) ppm; and 1.3 ppm a year between them.
    let results = results();
    let near = |value: &serde_json::Value, known: f64, by: f64| {
        assert!(
            (number(value) - known).abs() <= by,
            "{value} is far from {known}"
        );
    };
    near(&results["trend"]["rate_1965"], 0.8, 0.1);
    near(&results["trend"]["rate_1995"], 1.5, 0.1);
    near(
        &results["years"]["observed_rate"],
        (371.32 - 315.98) / 42.0,
        0.02,
    );
    near(&results["season"]["peak_to_peak"], 6.0, 0.5);
}

#[test]
fn the_readme_quotes_the_results() {
    let results = String::from_utf8(OUTPUTS["trend.json"].clone()).unwrap();
    let keys = [
        "mean_rate",
        "mean_rate_error",
        "rate_1965",
        "rate_1965_error",
        "rate_1980",
        "rate_1980_error",
        "rate_1995",
        "rate_1995_error",
        "peak_to_peak",
        "peak_to_peak_error",
        "maximum",
        "residual_sd",
        "persistence",
        "difference_rms",
        "observed_rate",
        "model_rate",
        "largest_difference_year",
        "1",
        "2",
        "3",
        "4",
        "5",
    ];
    assert_quoted(&read("co2/README.md"), &results, &keys);
}
