//! `decimal/`: exact arithmetic.

use std::path::Path;

use gatos_core::decimal::{Decimal, DecimalError};
use gatos_core::value::{Map, Value};

use super::{Report, field, rows};

pub(super) fn run(vectors: &Path, report: &mut Report) {
    for row in rows(&vectors.join("decimal/arithmetic.json")) {
        let op = field(&row, "op");
        let expect = match row.get("is") {
            Some(Value::Map(error)) => format!("error {}", field(error, "error")),
            _ => field(&row, "is").to_owned(),
        };
        let found = compute(op, &row)
            .map_or_else(|error| format!("error {}", class(error)), |n| n.to_string());
        let b = row.get("b").map_or("", |_| field(&row, "b"));
        let case = format!("{} {op} {b}", field(&row, "a"));
        report.expect("decimal/arithmetic", &case, found, &expect);
    }
}

fn compute(op: &str, row: &Map) -> Result<Decimal, DecimalError> {
    let a: Decimal = field(row, "a").parse()?;
    let b = || field(row, "b").parse::<Decimal>();
    match op {
        "+" => a.checked_add(b()?),
        "-" => a.checked_sub(b()?),
        "*" => a.checked_mul(b()?),
        "/" => a.checked_div(b()?),
        "//" => a.checked_div_floor(b()?),
        "%" => a.checked_rem_floor(b()?),
        "sqrt" => a.checked_sqrt(),
        "round" => Ok(a.rounded(field(row, "b").parse().expect("places"))),
        _ => panic!("there is no operation `{op}`"),
    }
}

const fn class(error: DecimalError) -> &'static str {
    match error {
        DecimalError::Syntax => "syntax",
        DecimalError::NotCanonical => "not-canonical",
        DecimalError::Overflow => "overflow",
        DecimalError::Inexact => "inexact",
        DecimalError::Underflow => "underflow",
        DecimalError::DivisionByZero => "division-by-zero",
        DecimalError::NegativeRoot => "negative-root",
    }
}
