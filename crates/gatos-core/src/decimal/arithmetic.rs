//! Arithmetic: `+ - *` are exact or an error; division and roots round half to even at 28 digits.
//!
//= spec/encoding.md#arithmetic

use std::cmp::Ordering;

use super::{COEFFICIENT_END, Decimal, DecimalError, MAX_DIGITS, digits, from_parts, wide};

/// Digits by which a division goes on at a time: a rest below `10^28` times this fits 128 bits.
const CHUNK_DIGITS: u32 = 10;
/// `10^CHUNK_DIGITS`.
const CHUNK: u128 = 10_u128.pow(CHUNK_DIGITS);

impl Decimal {
    /// The exact sum.
    ///
    /// # Errors
    /// A sum outside the format.
    pub fn checked_add(self, other: Self) -> Result<Self, DecimalError> {
        let sum = self
            .aligned(other)
            .and_then(|(a, b, scale)| Some((a.checked_add(b)?, scale)));
        match sum {
            Some((sum, scale)) => Self::new(sum, scale),
            None => wide::add(self, other),
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
        match self.coefficient.checked_mul(other.coefficient) {
            Some(product) => Self::new(product, self.scale.saturating_add(other.scale)),
            None => wide::multiply(self, other),
        }
    }

    /// The quotient, rounded half to even at 28 significant digits where it is longer.
    ///
    /// # Errors
    /// Division by zero, or a quotient outside the format.
    pub fn checked_div(self, other: Self) -> Result<Self, DecimalError> {
        let (dividend, divisor) = (
            self.coefficient.unsigned_abs(),
            other.coefficient.unsigned_abs(),
        );
        let divide = |a: u128| Some((a.checked_div(divisor)?, a.checked_rem(divisor)?));
        let (mut quotient, mut rest) = divide(dividend).ok_or(DecimalError::DivisionByZero)?;
        let mut scale = i64::from(self.scale).saturating_sub(other.scale.into());
        // Long division, ten digits at a time, until there are more digits than are kept.
        while rest != 0 && quotient < COEFFICIENT_END {
            let (next, left) =
                divide(rest.saturating_mul(CHUNK)).ok_or(DecimalError::DivisionByZero)?;
            quotient = quotient.saturating_mul(CHUNK).saturating_add(next);
            rest = left;
            scale = scale.saturating_add(CHUNK_DIGITS.into());
        }
        let negative = (self.coefficient < 0) != (other.coefficient < 0);
        rounded_parts(negative, quotient, Rest::of(rest != 0), scale)
    }

    /// The greatest integer not above the quotient (`//` of Lua).
    ///
    /// # Errors
    /// Division by zero, or a quotient of more than 28 digits.
    pub fn checked_div_floor(self, other: Self) -> Result<Self, DecimalError> {
        if other.coefficient == 0 {
            return Err(DecimalError::DivisionByZero);
        }
        let quotient = self.aligned(other).and_then(|(a, b, _)| {
            let (quotient, rest) = (a.checked_div(b)?, a.checked_rem(b)?);
            let below = rest != 0 && (rest < 0) != (b < 0);
            quotient.checked_sub(below.into())
        });
        match quotient {
            Some(quotient) => Self::new(quotient, 0),
            None => wide::divide_floor(self, other),
        }
    }

    /// What remains after [`checked_div_floor`](Self::checked_div_floor); it has the divisor's sign.
    ///
    /// # Errors
    /// Division by zero, or a remainder outside the format.
    pub fn checked_rem_floor(self, other: Self) -> Result<Self, DecimalError> {
        if other.coefficient == 0 {
            return Err(DecimalError::DivisionByZero);
        }
        let remainder = self.aligned(other).and_then(|(a, b, scale)| {
            let rest = a.checked_rem(b)?;
            let opposite = rest != 0 && (rest < 0) != (b < 0);
            let rest = if opposite { rest.checked_add(b)? } else { rest };
            Some((rest, scale))
        });
        match remainder {
            Some((rest, scale)) => Self::new(rest, scale),
            None => wide::remainder_floor(self, other),
        }
    }

    /// This number rounded half to even at `places` digits after the point.
    #[must_use]
    pub fn rounded(self, places: u32) -> Self {
        let drop = self.scale.saturating_sub(places);
        if drop == 0 {
            return self;
        }
        let magnitude = half_even(self.coefficient.unsigned_abs(), drop, Rest::Nothing);
        // Rounding gives no number that the format lacks: at least one digit was dropped.
        from_parts(self.coefficient < 0, magnitude, places.into()).unwrap_or(Self::ZERO)
    }

    /// The square root, rounded half to even at 28 significant digits where it is longer.
    ///
    /// # Errors
    /// A negative number.
    pub fn checked_sqrt(self) -> Result<Self, DecimalError> {
        match self.coefficient.cmp(&0) {
            Ordering::Less => Err(DecimalError::NegativeRoot),
            Ordering::Equal => Ok(Self::ZERO),
            Ordering::Greater => {
                let (root, inexact, scale) = wide::square_root(self);
                rounded_parts(false, root, Rest::of(inexact), scale.into())
            }
        }
    }

    /// This number with the other sign.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self {
            coefficient: self.coefficient.saturating_neg(),
            scale: self.scale,
        }
    }

    /// Both coefficients at the greater of the two scales, where they fit 128 bits.
    pub(super) fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        Some((self.widened(scale)?, other.widened(scale)?, scale))
    }

    fn widened(self, scale: u32) -> Option<i128> {
        match scale.checked_sub(self.scale)? {
            0 => Some(self.coefficient),
            zeros => 10_i128.checked_pow(zeros)?.checked_mul(self.coefficient),
        }
    }
}

/// Whether digits follow those that are at hand.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Rest {
    Nothing,
    Something,
}

impl Rest {
    const fn of(inexact: bool) -> Self {
        if inexact {
            Self::Something
        } else {
            Self::Nothing
        }
    }
}

/// The number `±magnitude · 10^-scale` and what follows, rounded to 28 digits.
///
/// Where `rest` is something, `magnitude` has more than 28 digits.
fn rounded_parts(
    negative: bool,
    magnitude: u128,
    rest: Rest,
    scale: i64,
) -> Result<Decimal, DecimalError> {
    let excess = digits(magnitude).saturating_sub(MAX_DIGITS);
    let magnitude = half_even(magnitude, excess, rest);
    from_parts(negative, magnitude, scale.saturating_sub(excess.into()))
}

/// `magnitude / 10^drop`, rounded half to even; `rest` tells of digits that follow it.
fn half_even(magnitude: u128, drop: u32, rest: Rest) -> u128 {
    if drop == 0 {
        return magnitude;
    }
    // A unit beyond 128 bits is more than twice any magnitude here, which then rounds to nothing.
    let unit = 10_u128.checked_pow(drop).unwrap_or(u128::MAX);
    let quotient = magnitude.checked_div(unit).unwrap_or(0);
    let below = magnitude.checked_rem(unit).unwrap_or(0);
    let up = match below.cmp(&unit.saturating_sub(below)) {
        Ordering::Greater => true,
        Ordering::Equal => rest == Rest::Something || quotient % 2 == 1,
        Ordering::Less => false,
    };
    quotient.saturating_add(up.into())
}
