//! `math` and `decimal`.

use std::cmp::Ordering;

use super::Arguments;
use crate::decimal::{Decimal, DecimalError, MAX_SCALE};
use crate::echolua::error::Fault;
use crate::echolua::machine::{Meter, Val, compare, floor_divide};

/// Fuel of a square root.
const ROOT_FUEL: u64 = 200;
/// Fuel of rounding.
const ROUND_FUEL: u64 = 20;

fn decimal(arguments: &Arguments<'_>, position: usize) -> Result<Decimal, Fault> {
    let number = arguments.get(position).decimal();
    number.ok_or_else(|| arguments.wrong(position, "a number"))
}

fn result(arguments: &Arguments<'_>, number: Result<Decimal, DecimalError>) -> Result<Val, Fault> {
    number.map(Val::number).map_err(|source| Fault::Decimal {
        operator: arguments.function,
        source,
    })
}

pub(super) fn abs(arguments: &Arguments<'_>) -> Result<Val, Fault> {
    match arguments.get(1) {
        Val::Int(integer) => integer.checked_abs().map(Val::Int).ok_or(Fault::Overflow {
            operator: arguments.function,
        }),
        _ => {
            let number = decimal(arguments, 1)?;
            let negative = number.coefficient() < 0;
            Ok(Val::number(if negative {
                number.negated()
            } else {
                number
            }))
        }
    }
}

/// `math.min` and `math.max`: the first of those that are equal.
pub(super) fn extreme(
    arguments: &Arguments<'_>,
    meter: &mut Meter,
    wanted: Ordering,
) -> Result<Val, Fault> {
    let mut best = arguments.get(1);
    for position in 1..=arguments.values.len() {
        decimal(arguments, position)?;
        meter.burn(1)?;
        let value = arguments.get(position);
        if compare(value, best, meter)? == wanted {
            best = value;
        }
    }
    Ok(best.clone())
}

pub(super) fn floor(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Val, Fault> {
    match arguments.get(1) {
        Val::Int(integer) => Ok(Val::Int(*integer)),
        number @ Val::Dec(_) => floor_divide(number, &Val::Int(1), meter),
        _ => Err(arguments.wrong(1, "a number")),
    }
}

pub(super) fn ceil(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Val, Fault> {
    match arguments.get(1) {
        Val::Int(integer) => Ok(Val::Int(*integer)),
        Val::Dec(number) => {
            let below = floor_divide(&Val::number(number.negated()), &Val::Int(1), meter)?;
            match below.decimal() {
                Some(below) => Ok(Val::number(below.negated())),
                None => Ok(below),
            }
        }
        _ => Err(arguments.wrong(1, "a number")),
    }
}

/// The integer that a number is, or nil.
pub(super) fn tointeger(arguments: &Arguments<'_>) -> Result<Val, Fault> {
    match arguments.get(1) {
        Val::Int(integer) => Ok(Val::Int(*integer)),
        Val::Dec(_) => Ok(Val::Nil),
        _ => Err(arguments.wrong(1, "a number")),
    }
}

/// `decimal.round(x, places)`, half to even.
pub(super) fn round(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Val, Fault> {
    let number = decimal(arguments, 1)?;
    let places = arguments.integer_or(2, 0)?;
    let places = u32::try_from(places)
        .ok()
        .filter(|places| *places <= MAX_SCALE);
    let places = places.ok_or_else(|| arguments.domain("places are 0 to 127"))?;
    meter.burn(ROUND_FUEL)?;
    Ok(Val::number(number.rounded(places)))
}

pub(super) fn sqrt(arguments: &Arguments<'_>, meter: &mut Meter) -> Result<Val, Fault> {
    let number = decimal(arguments, 1)?;
    meter.burn(ROOT_FUEL)?;
    result(arguments, number.checked_sqrt())
}
