//! Arithmetic: `+ - *` are exact or an error; division and roots round half to even at 28 digits.

use num_bigint::{BigInt, Sign};

use super::{Decimal, DecimalError, MAX_DIGITS};

impl Decimal {
    /// The exact sum.
    ///
    /// # Errors
    /// A sum outside the format.
    pub fn checked_add(self, other: Self) -> Result<Self, DecimalError> {
        let scale = self.scale.max(other.scale);
        match (self.scaled(scale), other.scaled(scale)) {
            (Some(a), Some(b)) if a.checked_add(b).is_some() => Self::new(a + b, scale),
            _ => from_big(
                &(self.widened(scale) + other.widened(scale)),
                i64::from(scale),
            ),
        }
    }

    /// The exact difference.
    ///
    /// # Errors
    /// A difference outside the format.
    pub fn checked_sub(self, other: Self) -> Result<Self, DecimalError> {
        self.checked_add(other.negated())
    }

    /// The exact product.
    ///
    /// # Errors
    /// A product outside the format.
    pub fn checked_mul(self, other: Self) -> Result<Self, DecimalError> {
        let scale = self.scale + other.scale;
        match self.coefficient.checked_mul(other.coefficient) {
            Some(product) => Self::new(product, scale),
            None => from_big(
                &(BigInt::from(self.coefficient) * BigInt::from(other.coefficient)),
                i64::from(scale),
            ),
        }
    }

    /// The quotient, rounded half to even at 28 significant digits where it is longer.
    ///
    /// # Errors
    /// Division by zero, or a quotient outside the format.
    pub fn checked_div(self, other: Self) -> Result<Self, DecimalError> {
        if other.coefficient == 0 {
            return Err(DecimalError::DivisionByZero);
        }
        // Two digits more than are kept, so that rounding sees what it drops.
        let shift = MAX_DIGITS + 2 + digits(other.coefficient);
        let numerator = BigInt::from(self.coefficient) * BigInt::from(10).pow(shift);
        let denominator = BigInt::from(other.coefficient);
        let quotient = &numerator / &denominator;
        let rest = &numerator % &denominator;
        let scale = i64::from(self.scale) - i64::from(other.scale) + i64::from(shift);
        round_digits(quotient, rest.sign() != Sign::NoSign, scale)
    }

    /// The greatest integer not above the quotient (`//` of Lua).
    ///
    /// # Errors
    /// Division by zero, or a quotient of more than 28 digits.
    pub fn checked_div_floor(self, other: Self) -> Result<Self, DecimalError> {
        self.div_floor(other)
    }

    /// What remains after [`checked_div_floor`](Self::checked_div_floor); it has the divisor's sign.
    ///
    /// # Errors
    /// Division by zero, or a remainder outside the format.
    pub fn checked_rem_floor(self, other: Self) -> Result<Self, DecimalError> {
        if other.coefficient == 0 {
            return Err(DecimalError::DivisionByZero);
        }
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.widened(scale), other.widened(scale));
        let rest = &a % &b;
        let rest = if rest.sign() != Sign::NoSign && rest.sign() != b.sign() {
            rest + b
        } else {
            rest
        };
        from_big(&rest, i64::from(scale))
    }

    fn div_floor(self, other: Self) -> Result<Self, DecimalError> {
        if other.coefficient == 0 {
            return Err(DecimalError::DivisionByZero);
        }
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.widened(scale), other.widened(scale));
        let (quotient, rest) = (&a / &b, &a % &b);
        let below = rest.sign() != Sign::NoSign && rest.sign() != b.sign();
        from_big(&if below { quotient - 1 } else { quotient }, 0)
    }

    /// This number rounded half to even at `places` digits after the point.
    ///
    /// # Errors
    /// A carry into a 29th digit.
    pub fn rounded(self, places: u32) -> Result<Self, DecimalError> {
        if self.scale <= places {
            return Ok(self);
        }
        let drop = self.scale - places;
        from_big(
            &half_even(&BigInt::from(self.coefficient), drop, false),
            i64::from(places),
        )
    }

    /// The square root, rounded half to even at 28 significant digits where it is longer.
    ///
    /// # Errors
    /// A negative number.
    pub fn checked_sqrt(self) -> Result<Self, DecimalError> {
        if self.coefficient < 0 {
            return Err(DecimalError::NegativeRoot);
        }
        // Enough digits for 30 of the root, and an even scale, so that the root's scale is whole.
        let shift = 2 * (MAX_DIGITS + 2) + self.scale % 2;
        let radicand = BigInt::from(self.coefficient) * BigInt::from(10).pow(shift);
        let root = radicand.sqrt();
        let inexact = &root * &root != radicand;
        round_digits(root, inexact, i64::from((self.scale + shift) / 2))
    }

    /// This number with the other sign.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self {
            coefficient: -self.coefficient,
            scale: self.scale,
        }
    }

    fn scaled(self, scale: u32) -> Option<i128> {
        10_i128
            .checked_pow(scale - self.scale)?
            .checked_mul(self.coefficient)
    }
}

fn digits(coefficient: i128) -> u32 {
    coefficient
        .unsigned_abs()
        .checked_ilog10()
        .map_or(1, |log| log + 1)
}

fn big_digits(value: &BigInt) -> u32 {
    u32::try_from(value.magnitude().to_string().len()).unwrap_or(u32::MAX)
}

/// `value` rounded to 28 digits; `sticky` says that digits below its last were already dropped.
fn round_digits(value: BigInt, sticky: bool, scale: i64) -> Result<Decimal, DecimalError> {
    let excess = big_digits(&value).saturating_sub(MAX_DIGITS);
    if excess == 0 {
        return from_big(&value, scale);
    }
    from_big(
        &half_even(&value, excess, sticky),
        scale - i64::from(excess),
    )
}

/// `value / 10^drop`, rounded half to even; `sticky` says that the exact value has more digits.
fn half_even(value: &BigInt, drop: u32, sticky: bool) -> BigInt {
    let unit = BigInt::from(10).pow(drop);
    let (quotient, rest) = (value / &unit, value % &unit);
    let twice = rest.magnitude() * 2_u32;
    let odd = quotient.magnitude().bit(0);
    let up = match twice.cmp(unit.magnitude()) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => sticky || odd,
        std::cmp::Ordering::Less => false,
    };
    match (up, value.sign()) {
        (false, _) => quotient,
        (true, Sign::Minus) => quotient - 1,
        (true, _) => quotient + 1,
    }
}

/// A decimal from a coefficient of any size, where it is exactly one.
fn from_big(value: &BigInt, scale: i64) -> Result<Decimal, DecimalError> {
    let text = value.magnitude().to_string();
    super::from_digits(value.sign() == Sign::Minus, text.as_bytes(), scale)
}
