//! Decimals against another implementation, and their recorded table.

use std::fmt::Write as _;

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, Context, RoundingMode, Signed, Zero};
use gatos_core::decimal::{Decimal, DecimalError, MAX_DIGITS, MAX_SCALE};
use gatos_core::value::decimals;
use proptest::prelude::*;

use crate::vectors::Folder;

type Operation = (
    &'static str,
    fn(Decimal, Decimal) -> Result<Decimal, DecimalError>,
);

const OPERATIONS: [Operation; 6] = [
    ("+", Decimal::checked_add),
    ("-", Decimal::checked_sub),
    ("*", Decimal::checked_mul),
    ("/", Decimal::checked_div),
    ("//", Decimal::checked_div_floor),
    ("%", Decimal::checked_rem_floor),
];

fn oracle(number: Decimal) -> BigDecimal {
    BigDecimal::new(number.coefficient().into(), number.scale().into())
}

/// What the format makes of an exact number.
fn exact(number: &BigDecimal) -> Result<String, ()> {
    let number = number.normalized();
    let whole = number.with_scale(0).abs().digits();
    let (digits, scale) = number.as_bigint_and_exponent();
    let significant = digits.abs().to_string().trim_end_matches('0').len();
    let fits = significant <= 28 && scale <= i64::from(MAX_SCALE);
    let fits = fits && (number.abs() < 1 || whole <= u64::from(MAX_DIGITS));
    if number.is_zero() {
        return Ok("0".to_owned());
    }
    fits.then(|| number.to_plain_string()).ok_or(())
}

fn rounding() -> Context {
    Context::default()
        .with_prec(u64::from(MAX_DIGITS))
        .unwrap()
        .with_rounding_mode(RoundingMode::HalfEven)
}

/// The greatest integer not above `a / b`, and the remainder, by integers alone.
fn floored(a: &BigDecimal, b: &BigDecimal) -> (BigDecimal, BigDecimal) {
    let scale = a
        .as_bigint_and_exponent()
        .1
        .max(b.as_bigint_and_exponent().1);
    let (x, _) = a.with_scale(scale).into_bigint_and_exponent();
    let (y, _) = b.with_scale(scale).into_bigint_and_exponent();
    let (mut quotient, mut rest): (BigInt, BigInt) = (&x / &y, &x % &y);
    if !rest.is_zero() && rest.is_negative() != y.is_negative() {
        quotient -= 1;
        rest += y;
    }
    (BigDecimal::new(quotient, 0), BigDecimal::new(rest, scale))
}

/// `a / b` with 28 digits, by integers alone: 200 digits, of which the last stands for the rest.
fn quotient(a: &BigDecimal, b: &BigDecimal) -> BigDecimal {
    let (x, x_scale) = a.as_bigint_and_exponent();
    let (y, y_scale) = b.as_bigint_and_exponent();
    let shifted = x * BigInt::from(10).pow(200);
    let (mut digits, rest) = (&shifted / &y, &shifted % &y);
    digits *= 10;
    if !rest.is_zero() {
        digits += if (&shifted * &y).is_negative() { -1 } else { 1 };
    }
    BigDecimal::new(digits, x_scale - y_scale + 201).with_precision_round(
        u64::from(MAX_DIGITS).try_into().unwrap(),
        RoundingMode::HalfEven,
    )
}

fn expected(operation: &str, a: Decimal, b: Decimal) -> Result<String, ()> {
    let (a, b) = (oracle(a), oracle(b));
    let divides = matches!(operation, "/" | "//" | "%");
    if divides && b.is_zero() {
        return Err(());
    }
    exact(&match operation {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => quotient(&a, &b),
        "//" => floored(&a, &b).0,
        _ => floored(&a, &b).1,
    })
}

fn agree(name: &str, a: Decimal, b: Decimal, ours: Result<Decimal, DecimalError>) {
    let ours_text = ours.map(|number| number.to_string()).map_err(|_| ());
    assert_eq!(
        ours_text,
        expected(name, a, b),
        "{a} {name} {b} gave {ours:?}"
    );
}

/// Numbers at every edge that arithmetic has, both signs.
fn edges() -> Vec<Decimal> {
    let texts = [
        "0",
        "1",
        "2",
        "3",
        "7",
        "10",
        "0.1",
        "0.2",
        "0.3",
        "0.5",
        "1.5",
        "2.5",
        "0.05",
        "0.25",
        "99",
        "0.99",
        "1000000",
        "0.000001",
        "9223372036854775807",
        "9223372036854775808",
        "9999999999999999999999999999",
        "9999999999999999999999999998",
        "5000000000000000000000000000",
        "0.9999999999999999999999999999",
        "0.3333333333333333333333333333",
        "1000000000000000000000000000",
        "1.000000000000000000000000001",
        "123456789012345678901234567.8",
        "3.141592653589793238462643383",
    ];
    let smallest = format!("0.{}1", "0".repeat(126));
    let small = format!("0.{}123456789", "0".repeat(90));
    texts
        .into_iter()
        .chain([smallest.as_str(), small.as_str()])
        .flat_map(|text| {
            let number: Decimal = text.parse().unwrap();
            [number, number.negated()]
        })
        .collect()
}

#[test]
fn every_pair_of_edges_agrees_with_the_oracle() {
    for (name, operation) in OPERATIONS {
        for a in edges() {
            for b in edges() {
                agree(name, a, b, operation(a, b));
            }
        }
    }
}

#[test]
fn an_oracle_that_is_wrong_is_noticed() {
    let (a, b) = ("1".parse().unwrap(), "3".parse().unwrap());
    let wrong = std::panic::catch_unwind(|| agree("/", a, b, Ok(Decimal::ZERO)));
    assert!(wrong.is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn arithmetic_agrees_with_the_oracle(a in decimals(), b in decimals()) {
        for (name, operation) in OPERATIONS {
            agree(name, a, b, operation(a, b));
        }
        prop_assert_eq!(a.cmp(&b), oracle(a).cmp(&oracle(b)));
    }

    #[test]
    fn roots_agree_with_the_oracle(a in decimals()) {
        let root = a.checked_sqrt();
        if a < Decimal::ZERO {
            prop_assert_eq!(root, Err(DecimalError::NegativeRoot));
        } else {
            let root = root.unwrap();
            prop_assert_eq!(root.to_string(), exact(&square_root(&oracle(a))).unwrap());
        }
    }

    #[test]
    fn rounding_agrees_with_the_oracle(a in decimals(), places in 0..=MAX_SCALE + 3) {
        let rounded = oracle(a).with_scale_round(places.into(), RoundingMode::HalfEven);
        prop_assert_eq!(a.rounded(places).to_string(), exact(&rounded).unwrap());
    }

    #[test]
    fn a_number_has_one_text(a in decimals()) {
        let text = a.to_string();
        prop_assert_eq!(text.parse::<Decimal>(), Ok(a));
        prop_assert_eq!(Decimal::parse_lenient(&text), Ok(a));
        prop_assert_eq!(&text, &exact(&oracle(a)).unwrap());
        let magnitude = text.trim_start_matches('-');
        let mut others = vec![
            format!("+{text}"), format!("{text}."), format!(" {text}"), format!("{text}e0"),
            text.replace(magnitude, &format!("0{magnitude}")),
        ];
        others.push(if text.contains('.') { format!("{text}0") } else { format!("{text}.0") });
        for other in others {
            prop_assert!(other.parse::<Decimal>().is_err(), "{}", other);
        }
    }

    #[test]
    fn any_notation_of_a_number_is_that_number(a in decimals(), shift in -40..40_i64) {
        let scientific = format!("{}e{shift}", a.coefficient());
        let moved = BigDecimal::new(a.coefficient().into(), -shift);
        let ours = Decimal::parse_lenient(&scientific).map(|n| n.to_string());
        prop_assert_eq!(ours.map_err(|_| ()), exact(&moved), "{}", scientific);
    }
}

/// The root by integers alone: 200 digits, of which the last stands for the rest.
fn square_root(number: &BigDecimal) -> BigDecimal {
    let (digits, scale) = number.as_bigint_and_exponent();
    let scale_even = scale + scale % 2;
    let shifted = digits * BigInt::from(10).pow(u32::try_from(scale_even - scale + 200).unwrap());
    let root = shifted.sqrt();
    let inexact = &root * &root != shifted;
    let marked = root * 10 + i32::from(inexact);
    rounding().round_decimal(BigDecimal::new(marked, scale_even / 2 + 101))
}

#[test]
fn the_recorded_table_holds() {
    let mut table = String::from("[\n");
    for (name, operation) in OPERATIONS {
        for a in recorded() {
            for b in recorded() {
                let result = match operation(a, b) {
                    Ok(number) => format!("\"{number}\""),
                    Err(error) => format!("{{\"error\": \"{}\"}}", class(error)),
                };
                let line = format!(
                    "  {{\"op\": \"{name}\", \"a\": \"{a}\", \"b\": \"{b}\", \"is\": {result}}},\n"
                );
                table.push_str(&line);
            }
        }
    }
    for a in edges() {
        let root = a.checked_sqrt().map_or_else(
            |error| format!("{{\"error\": \"{}\"}}", class(error)),
            |number| format!("\"{number}\""),
        );
        writeln!(
            table,
            "  {{\"op\": \"sqrt\", \"a\": \"{a}\", \"is\": {root}}},"
        )
        .unwrap();
        for places in [0, 1, 2, 27, 28, 126] {
            let rounded = a.rounded(places);
            let line = format!(
                "  {{\"op\": \"round\", \"a\": \"{a}\", \"b\": \"{places}\", \"is\": \"{rounded}\"}},\n"
            );
            table.push_str(&line);
        }
    }
    let table = format!("{}\n]\n", table.trim_end().trim_end_matches(','));
    let mut folder = Folder::open("decimal");
    folder.expect("arithmetic.json", table);
    folder.finish();
}

/// Every third edge, so that both signs of each number are there.
fn recorded() -> Vec<Decimal> {
    edges()
        .chunks(6)
        .flat_map(|few| few[..2].to_vec())
        .collect()
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
