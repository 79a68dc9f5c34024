//! Unit tests of decimals: what each operation and notation gives; the oracles have the rest.

use super::{Decimal, DecimalError};

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn notations_are_read_exactly() {
    for (text, expected) in [
        ("0.10", Ok("0.1")),
        ("1e3", Ok("1000")),
        ("1E+3", Ok("1000")),
        ("-25e-1", Ok("-2.5")),
        ("-0", Ok("0")),
        ("0e999999999999999999999", Ok("0")),
        ("00012.5000", Ok("12.5")),
        ("1e27", Ok("1000000000000000000000000000")),
        ("1e28", Err(DecimalError::Overflow)),
        ("1e999999999999999999999", Err(DecimalError::Overflow)),
        ("1e-128", Err(DecimalError::Underflow)),
        ("1e-999999999999999999999", Err(DecimalError::Underflow)),
        (
            "0.12345678901234567890123456789",
            Err(DecimalError::Inexact),
        ),
        ("1.5.2", Err(DecimalError::Syntax)),
        ("1.", Err(DecimalError::Syntax)),
        (".5", Err(DecimalError::Syntax)),
        ("+1", Err(DecimalError::Syntax)),
        ("--1", Err(DecimalError::Syntax)),
        ("1e", Err(DecimalError::Syntax)),
        ("1e+", Err(DecimalError::Syntax)),
        ("1e1.5", Err(DecimalError::Syntax)),
        ("0x10", Err(DecimalError::Syntax)),
        ("1 ", Err(DecimalError::Syntax)),
        ("1_000", Err(DecimalError::Syntax)),
        ("١", Err(DecimalError::Syntax)),
        ("NaN", Err(DecimalError::Syntax)),
        ("inf", Err(DecimalError::Syntax)),
        ("", Err(DecimalError::Syntax)),
        ("-", Err(DecimalError::Syntax)),
    ] {
        let read = Decimal::parse_lenient(text).map(|n| n.to_string());
        assert_eq!(read, expected.map(str::to_owned), "{text:?}");
    }
}

#[test]
fn arithmetic_is_exact_or_an_error() {
    type Operation = fn(Decimal, Decimal) -> Result<Decimal, DecimalError>;
    let (add, sub, mul): (Operation, Operation, Operation) = (
        Decimal::checked_add,
        Decimal::checked_sub,
        Decimal::checked_mul,
    );
    let (div, floor, rem): (Operation, Operation, Operation) = (
        Decimal::checked_div,
        Decimal::checked_div_floor,
        Decimal::checked_rem_floor,
    );
    let end = "9999999999999999999999999999";
    for (a, operation, b, expected) in [
        ("0.1", add, "0.2", Ok("0.3")),
        ("1.5", add, "-1.5", Ok("0")),
        (end, add, "1", Err(DecimalError::Overflow)),
        (end, add, "0.1", Err(DecimalError::Inexact)),
        ("1", sub, "0.9", Ok("0.1")),
        ("0.5", mul, "4", Ok("2")),
        (end, mul, end, Err(DecimalError::Overflow)),
        ("1", div, "4", Ok("0.25")),
        ("1", div, "3", Ok("0.3333333333333333333333333333")),
        ("2", div, "3", Ok("0.6666666666666666666666666667")),
        ("-2", div, "3", Ok("-0.6666666666666666666666666667")),
        ("1", div, "0", Err(DecimalError::DivisionByZero)),
        ("0", div, "0", Err(DecimalError::DivisionByZero)),
        ("7", floor, "2", Ok("3")),
        ("-7", floor, "2", Ok("-4")),
        ("7", floor, "-2", Ok("-4")),
        ("-7", floor, "-2", Ok("3")),
        ("7", rem, "2", Ok("1")),
        ("-7", rem, "2", Ok("1")),
        ("7", rem, "-2", Ok("-1")),
        ("-7", rem, "-2", Ok("-1")),
        ("5.5", rem, "0.2", Ok("0.1")),
        ("1", rem, "0", Err(DecimalError::DivisionByZero)),
        ("1", floor, "0", Err(DecimalError::DivisionByZero)),
    ] {
        let result = operation(number(a), number(b)).map(|n| n.to_string());
        assert_eq!(result, expected.map(str::to_owned), "{a} and {b}");
    }
}

#[test]
fn rounding_is_half_to_even() {
    for (text, places, expected) in [
        ("0.5", 0, "0"),
        ("1.5", 0, "2"),
        ("2.5", 0, "2"),
        ("-0.5", 0, "0"),
        ("-1.5", 0, "-2"),
        ("2.345", 2, "2.34"),
        ("2.355", 2, "2.36"),
        ("2.3450001", 2, "2.35"),
        ("9.99", 1, "10"),
        ("1.25", 5, "1.25"),
        ("12", 0, "12"),
    ] {
        assert_eq!(
            number(text).rounded(places).to_string(),
            expected,
            "{text} to {places}"
        );
    }
}

#[test]
fn numbers_are_ordered_by_value() {
    let texts = [
        "-10",
        "-2.5",
        "-0.1",
        "0",
        "0.05",
        "0.1",
        "1",
        "1.000000001",
        "2",
        "10",
    ];
    let numbers: Vec<Decimal> = texts.into_iter().map(number).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b));
    assert_eq!(
        number("2").checked_sqrt().unwrap().to_string(),
        "1.414213562373095048801688724"
    );
    assert_eq!(number("0.25").checked_sqrt().unwrap(), number("0.5"));
    assert_eq!(number("-1").checked_sqrt(), Err(DecimalError::NegativeRoot));
}
