//! Exact decimal numbers of at most 28 significant digits. `docs/spec/encoding.md#numbers`.

mod arithmetic;
mod error;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use num_bigint::BigInt;

pub use self::error::DecimalError;

/// Most significant digits of a decimal.
pub const MAX_DIGITS: u32 = 28;
/// Most digits after the point.
pub const MAX_SCALE: u32 = 127;

/// First coefficient that has too many digits, `10^28`.
const COEFFICIENT_END: i128 = 10_i128.pow(MAX_DIGITS);

/// An exact decimal number, `coefficient · 10^-scale`.
///
/// Every number has one representation: the coefficient has no trailing zero unless the scale is 0,
/// its magnitude is below 10^28, and the scale is at most 127. Zero has no sign.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Decimal {
    coefficient: i128,
    scale: u32,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self {
        coefficient: 0,
        scale: 0,
    };

    /// The number `coefficient · 10^-scale`.
    ///
    /// # Errors
    /// [`DecimalError::Overflow`], [`DecimalError::Inexact`] or [`DecimalError::Underflow`] where
    /// the number is outside the format.
    pub fn new(coefficient: i128, scale: u32) -> Result<Self, DecimalError> {
        let (mut coefficient, mut scale) = (coefficient, scale);
        if coefficient == 0 {
            return Ok(Self::ZERO);
        }
        while scale > 0 && coefficient % 10 == 0 {
            coefficient /= 10;
            scale -= 1;
        }
        if coefficient.unsigned_abs() >= COEFFICIENT_END.unsigned_abs() {
            let digits = coefficient.unsigned_abs().ilog10() + 1;
            return Err(if digits > scale + MAX_DIGITS {
                DecimalError::Overflow
            } else {
                DecimalError::Inexact
            });
        }
        if scale > MAX_SCALE {
            return Err(DecimalError::Underflow);
        }
        Ok(Self { coefficient, scale })
    }

    /// The coefficient, without trailing zeros unless the scale is 0.
    #[must_use]
    pub const fn coefficient(&self) -> i128 {
        self.coefficient
    }

    /// The number of digits after the point.
    #[must_use]
    pub const fn scale(&self) -> u32 {
        self.scale
    }

    /// This number as an integer, where it is one that fits 64 bits.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        (self.scale == 0)
            .then(|| i64::try_from(self.coefficient).ok())
            .flatten()
    }

    /// Whether the number has no fraction.
    #[must_use]
    pub const fn is_integral(&self) -> bool {
        self.scale == 0
    }

    /// Read any plain or scientific notation, as JSON and Lua write numbers (`-0.10`, `1e3`).
    ///
    /// # Errors
    /// Text that is no number, or a number that does not fit exactly.
    pub fn parse_lenient(text: &str) -> Result<Self, DecimalError> {
        let (negative, body) = match text.strip_prefix('-') {
            Some(body) => (true, body),
            None => (false, text),
        };
        let (mantissa, exponent) = match body.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (body, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if mantissa.ends_with('.') || whole.is_empty() {
            return Err(DecimalError::Syntax);
        }
        let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(DecimalError::Syntax);
        }
        let fraction_digits = i64::try_from(fraction.len()).map_err(|_| DecimalError::Inexact)?;
        from_digits(negative, &digits, fraction_digits - exponent)
    }
}

/// The exponent of scientific notation, saturated where no number that fits could have it.
fn parse_exponent(text: &str) -> Result<i64, DecimalError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DecimalError::Syntax);
    }
    let magnitude = digits.parse::<i64>().unwrap_or(i64::MAX).min(1 << 40);
    Ok(if text.starts_with('-') {
        -magnitude
    } else {
        magnitude
    })
}

/// The number that `digits` name with the point `scale` places from their right end.
fn from_digits(negative: bool, digits: &[u8], scale: i64) -> Result<Decimal, DecimalError> {
    let leading = digits.iter().take_while(|&&d| d == b'0').count();
    let trailing = digits.iter().rev().take_while(|&&d| d == b'0').count();
    if leading == digits.len() {
        return Ok(Decimal::ZERO);
    }
    let significant = &digits[leading..digits.len() - trailing];
    let scale = scale - i64::try_from(trailing).map_err(|_| DecimalError::Overflow)?;
    let places = i64::try_from(significant.len()).map_err(|_| DecimalError::Inexact)? - scale;
    if places > i64::from(MAX_DIGITS) {
        return Err(DecimalError::Overflow);
    }
    if significant.len() > MAX_DIGITS as usize {
        return Err(DecimalError::Inexact);
    }
    let magnitude = significant
        .iter()
        .fold(0_i128, |sum, d| sum * 10 + i128::from(d - b'0'));
    let signed = if negative { -magnitude } else { magnitude };
    match u32::try_from(scale) {
        Ok(scale) => Decimal::new(signed, scale),
        Err(_) if scale > 0 => Err(DecimalError::Underflow),
        // `places` above bounds the zeros to add by 28.
        Err(_) => Decimal::new(signed * 10_i128.pow((-scale) as u32), 0),
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self {
            coefficient: value.into(),
            scale: 0,
        }
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    /// Read the one text that [`Display`](fmt::Display) writes.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let value = Self::parse_lenient(text)?;
        if value.to_string() == text {
            Ok(value)
        } else {
            Err(DecimalError::NotCanonical)
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.coefficient < 0 { "-" } else { "" };
        let digits = self.coefficient.unsigned_abs().to_string();
        let scale = self.scale as usize;
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.scale == other.scale {
            return self.coefficient.cmp(&other.coefficient);
        }
        let sign = self.coefficient.signum().cmp(&other.coefficient.signum());
        if sign != Ordering::Equal {
            return sign;
        }
        let scale = self.scale.max(other.scale);
        self.widened(scale).cmp(&other.widened(scale))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Decimal {
    /// The coefficient that this number would have at `scale`, which is no smaller than its own.
    fn widened(&self, scale: u32) -> BigInt {
        BigInt::from(self.coefficient) * BigInt::from(10).pow(scale - self.scale)
    }
}
