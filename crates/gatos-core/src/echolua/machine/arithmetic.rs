//! Arithmetic, comparison and text of numbers: checked integers, exact decimals, no coercion.
//! `docs/spec/echolua.md#numbers`.

use std::cmp::Ordering;

use super::meter::{Meter, bytes_fuel};
use super::val::Val;
use crate::decimal::{Decimal, DecimalError};
use crate::echolua::error::Fault;

/// Fuel of an operation on decimals.
const DECIMAL_FUEL: u64 = 10;
/// Fuel of a division of decimals.
const DIVISION_FUEL: u64 = 40;

type Operation = fn(Decimal, Decimal) -> Result<Decimal, DecimalError>;

/// `+`.
#[inline]
pub(crate) fn add(a: &Val, b: &Val, meter: &mut Meter) -> Result<Val, Fault> {
    match (a, b) {
        (Val::Int(a), Val::Int(b)) => integer("+", a.checked_add(*b)),
        _ => decimal("+", (a, b), (Decimal::checked_add, DECIMAL_FUEL), meter),
    }
}

/// `-`.
#[inline]
pub(crate) fn subtract(a: &Val, b: &Val, meter: &mut Meter) -> Result<Val, Fault> {
    match (a, b) {
        (Val::Int(a), Val::Int(b)) => integer("-", a.checked_sub(*b)),
        _ => decimal("-", (a, b), (Decimal::checked_sub, DECIMAL_FUEL), meter),
    }
}

/// `*`.
#[inline]
pub(crate) fn multiply(a: &Val, b: &Val, meter: &mut Meter) -> Result<Val, Fault> {
    match (a, b) {
        (Val::Int(a), Val::Int(b)) => integer("*", a.checked_mul(*b)),
        _ => decimal("*", (a, b), (Decimal::checked_mul, DECIMAL_FUEL), meter),
    }
}

/// `/`: exact where it can be, else rounded half to even at 28 digits.
pub(crate) fn divide(a: &Val, b: &Val, meter: &mut Meter) -> Result<Val, Fault> {
    if let (Val::Int(a), Val::Int(b)) = (a, b)
        && a.checked_rem(*b) == Some(0)
        && let Some(quotient) = a.checked_div(*b)
    {
        return Ok(Val::Int(quotient));
    }
    decimal("/", (a, b), (Decimal::checked_div, DIVISION_FUEL), meter)
}

/// `//`: the greatest integer not above the quotient.
pub(crate) fn floor_divide(a: &Val, b: &Val, meter: &mut Meter) -> Result<Val, Fault> {
    match (a, b) {
        (Val::Int(_), Val::Int(0)) => Err(by_zero("//")),
        (Val::Int(a), Val::Int(b)) => {
            let quotient = a.checked_div(*b).map(|quotient| {
                let inexact = a.wrapping_rem(*b) != 0;
                quotient - i64::from(inexact && (*a < 0) != (*b < 0))
            });
            integer("//", quotient)
        }
        _ => decimal(
            "//",
            (a, b),
            (Decimal::checked_div_floor, DIVISION_FUEL),
            meter,
        ),
    }
}

/// `%`: what remains after `//`; it has the divisor's sign.
pub(crate) fn remainder(a: &Val, b: &Val, meter: &mut Meter) -> Result<Val, Fault> {
    match (a, b) {
        (Val::Int(_), Val::Int(0)) => Err(by_zero("%")),
        (Val::Int(a), Val::Int(b)) => {
            let rest = a.wrapping_rem(*b);
            let other_sign = rest != 0 && (rest < 0) != (*b < 0);
            Ok(Val::Int(if other_sign { rest + *b } else { rest }))
        }
        _ => decimal(
            "%",
            (a, b),
            (Decimal::checked_rem_floor, DIVISION_FUEL),
            meter,
        ),
    }
}

/// Unary `-`.
pub(crate) fn negate(a: &Val) -> Result<Val, Fault> {
    match a {
        Val::Int(a) => match a.checked_neg() {
            Some(negated) => Ok(Val::Int(negated)),
            None => integer("-", None),
        },
        Val::Dec(a) => Ok(Val::number(a.negated())),
        other => Err(Fault::Arithmetic {
            operator: "-",
            left: other.kind(),
            right: other.kind(),
        }),
    }
}

#[inline]
fn integer(operator: &'static str, result: Option<i64>) -> Result<Val, Fault> {
    result.map(Val::Int).ok_or(Fault::Overflow { operator })
}

const fn by_zero(operator: &'static str) -> Fault {
    Fault::Decimal {
        operator,
        source: DecimalError::DivisionByZero,
    }
}

fn decimal(
    operator: &'static str,
    (a, b): (&Val, &Val),
    (operation, fuel): (Operation, u64),
    meter: &mut Meter,
) -> Result<Val, Fault> {
    let (Some(left), Some(right)) = (a.decimal(), b.decimal()) else {
        return Err(Fault::Arithmetic {
            operator,
            left: a.kind(),
            right: b.kind(),
        });
    };
    meter.burn(fuel)?;
    operation(left, right)
        .map(Val::number)
        .map_err(|source| Fault::Decimal { operator, source })
}

/// The order of two numbers or two texts.
#[inline]
pub(crate) fn compare(a: &Val, b: &Val, meter: &mut Meter) -> Result<Ordering, Fault> {
    match (a, b) {
        (Val::Int(a), Val::Int(b)) => Ok(a.cmp(b)),
        (Val::Text(a), Val::Text(b)) => {
            meter.burn(bytes_fuel(a.len().min(b.len())))?;
            Ok(a.cmp(b))
        }
        _ => match (a.decimal(), b.decimal()) {
            (Some(a), Some(b)) => {
                meter.burn(DECIMAL_FUEL)?;
                Ok(a.cmp(&b))
            }
            _ => Err(Fault::Compare {
                left: a.kind(),
                right: b.kind(),
            }),
        },
    }
}

/// `==`.
#[inline]
pub(crate) fn equal(a: &Val, b: &Val, meter: &mut Meter) -> Result<bool, Fault> {
    let bytes = match (a, b) {
        (Val::Text(a), Val::Text(b)) => a.len().min(b.len()),
        (Val::Bytes(a), Val::Bytes(b)) => a.len().min(b.len()),
        _ => 0,
    };
    if bytes > 0 {
        meter.burn(bytes_fuel(bytes))?;
    }
    Ok(a.equals(b))
}
