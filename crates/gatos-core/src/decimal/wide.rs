//! The rare operations whose intermediate results need more than 128 bits.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "big integers do not overflow, and no divisor here is zero"
)]

use std::cmp::Ordering;

use num_bigint::{BigInt, Sign};

use super::{Decimal, DecimalError};

/// The exact sum.
pub(super) fn add(a: Decimal, b: Decimal) -> Result<Decimal, DecimalError> {
    let (a, b, scale) = aligned(a, b);
    exact(&(a + b), scale)
}

/// The exact product.
pub(super) fn multiply(a: Decimal, b: Decimal) -> Result<Decimal, DecimalError> {
    let product = BigInt::from(a.coefficient) * BigInt::from(b.coefficient);
    exact(&product, a.scale + b.scale)
}

/// The greatest integer not above the quotient; `b` is not zero.
pub(super) fn divide_floor(a: Decimal, b: Decimal) -> Result<Decimal, DecimalError> {
    let (a, b, _) = aligned(a, b);
    let (quotient, rest) = (&a / &b, &a % &b);
    let below = rest.sign() != Sign::NoSign && rest.sign() != b.sign();
    exact(&if below { quotient - 1 } else { quotient }, 0)
}

/// What remains after [`divide_floor`].
pub(super) fn remainder_floor(a: Decimal, b: Decimal) -> Result<Decimal, DecimalError> {
    let (a, b, scale) = aligned(a, b);
    let rest = &a % &b;
    let opposite = rest.sign() != Sign::NoSign && rest.sign() != b.sign();
    exact(&if opposite { rest + b } else { rest }, scale)
}

/// The root of a number above zero, cut off after 31 or 32 digits; whether digits follow; its scale.
pub(super) fn square_root(radicand: Decimal) -> (u128, bool, u32) {
    let shift = 62 - super::digits(radicand.coefficient.unsigned_abs());
    // An even scale, so that the root's scale is whole.
    let shift = shift + (radicand.scale + shift) % 2;
    let shifted = BigInt::from(radicand.coefficient) * power_of_ten(shift);
    let root = shifted.sqrt();
    let inexact = &root * &root != shifted;
    let root = u128::try_from(root).unwrap_or(u128::MAX);
    (root, inexact, (radicand.scale + shift) / 2)
}

/// Which of two numbers is greater.
pub(super) fn compare(a: Decimal, b: Decimal) -> Ordering {
    let (a, b, _) = aligned(a, b);
    a.cmp(&b)
}

/// Both coefficients at the greater of the two scales.
fn aligned(a: Decimal, b: Decimal) -> (BigInt, BigInt, u32) {
    let scale = a.scale.max(b.scale);
    let widened = |d: Decimal| BigInt::from(d.coefficient) * power_of_ten(scale - d.scale);
    (widened(a), widened(b), scale)
}

fn power_of_ten(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

/// The number `value · 10^-scale`, where it is exactly one.
fn exact(value: &BigInt, scale: u32) -> Result<Decimal, DecimalError> {
    let text = value.magnitude().to_string();
    super::from_digits(value.sign() == Sign::Minus, text.as_bytes(), scale.into())
}
