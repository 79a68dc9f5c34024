//! Exact decimal numbers of at most 28 significant digits. `docs/spec/encoding.md#numbers`.

mod arithmetic;
mod error;
#[cfg(test)]
mod tests;
mod wide;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

pub use self::error::DecimalError;

/// Most significant digits of a decimal.
pub const MAX_DIGITS: u32 = 28;
/// Most digits after the point.
pub const MAX_SCALE: u32 = 127;

/// As [`MAX_DIGITS`], for lengths.
const MAX_SIGNIFICANT: usize = 28;
/// First coefficient that has too many digits, `10^28`.
const COEFFICIENT_END: u128 = 10_u128.pow(MAX_DIGITS);

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
        let (coefficient, scale) = without_trailing_zeros(coefficient, scale);
        if coefficient.unsigned_abs() >= COEFFICIENT_END {
            let whole_digits = digits(coefficient.unsigned_abs()).saturating_sub(scale);
            return Err(if whole_digits > MAX_DIGITS {
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
        from_digits(negative, &digits, fraction_digits.saturating_sub(exponent))
    }
}

/// The exponent of scientific notation, saturated where no number that fits could have it.
fn parse_exponent(text: &str) -> Result<i64, DecimalError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DecimalError::Syntax);
    }
    let saturated = if text.starts_with('-') {
        i64::MIN
    } else {
        i64::MAX
    };
    Ok(text.parse().unwrap_or(saturated))
}

/// The number that ASCII `digits` name with the point `scale` places from their right end.
fn from_digits(negative: bool, digits: &[u8], scale: i64) -> Result<Decimal, DecimalError> {
    let first = digits.iter().position(|&digit| digit != b'0');
    let last = digits.iter().rposition(|&digit| digit != b'0');
    let (Some(first), Some(last)) = (first, last) else {
        return Ok(Decimal::ZERO);
    };
    let significant = digits.get(first..=last).unwrap_or_default();
    let trailing = digits.len().saturating_sub(last).saturating_sub(1);
    let scale = scale.saturating_sub(i64::try_from(trailing).unwrap_or(i64::MAX));
    if significant.len() > MAX_SIGNIFICANT {
        let count = i64::try_from(significant.len()).unwrap_or(i64::MAX);
        return Err(if count.saturating_sub(scale) > MAX_DIGITS.into() {
            DecimalError::Overflow
        } else {
            DecimalError::Inexact
        });
    }
    let magnitude = significant.iter().fold(0_u128, |sum, digit| {
        let digit = digit.saturating_sub(b'0');
        sum.saturating_mul(10).saturating_add(digit.into())
    });
    from_parts(negative, magnitude, scale)
}

/// The number `±magnitude · 10^-scale`.
fn from_parts(negative: bool, magnitude: u128, scale: i64) -> Result<Decimal, DecimalError> {
    if magnitude == 0 {
        return Ok(Decimal::ZERO);
    }
    let (magnitude, scale) = match u32::try_from(scale) {
        Ok(scale) => (magnitude, scale),
        Err(_) if scale > 0 => return Err(DecimalError::Underflow),
        Err(_) => {
            let zeros = u32::try_from(scale.saturating_neg()).ok();
            let unit = zeros.and_then(|zeros| 10_u128.checked_pow(zeros));
            let widened = unit.and_then(|unit| magnitude.checked_mul(unit));
            (widened.ok_or(DecimalError::Overflow)?, 0)
        }
    };
    let coefficient = i128::try_from(magnitude).map_err(|_| DecimalError::Overflow)?;
    Decimal::new(
        if negative {
            coefficient.saturating_neg()
        } else {
            coefficient
        },
        scale,
    )
}

/// The same number with the shortest coefficient that its scale allows.
fn without_trailing_zeros(coefficient: i128, scale: u32) -> (i128, u32) {
    // Division of 64 bits is several times faster, and most coefficients fit.
    if let Ok(short) = i64::try_from(coefficient) {
        let (mut short, mut scale) = (short, scale);
        while scale > 0 && short % 10 == 0 {
            if short == 0 {
                return (0, 0);
            }
            short /= 10;
            scale = scale.saturating_sub(1);
        }
        return (short.into(), scale);
    }
    let (mut coefficient, mut scale) = (coefficient, scale);
    while scale > 0 && coefficient % 10 == 0 {
        coefficient /= 10;
        scale = scale.saturating_sub(1);
    }
    (coefficient, scale)
}

/// Number of decimal digits, at least one.
const fn digits(magnitude: u128) -> u32 {
    match magnitude.checked_ilog10() {
        Some(log) => log.saturating_add(1),
        None => 1,
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
        let scale = usize::try_from(self.scale).unwrap_or(usize::MAX);
        match digits.len().checked_sub(scale) {
            _ if scale == 0 => write!(f, "{sign}{digits}"),
            Some(point @ 1..) => {
                let (whole, fraction) = digits.split_at(point);
                write!(f, "{sign}{whole}.{fraction}")
            }
            _ => write!(f, "{sign}0.{digits:0>scale$}"),
        }
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
        match self.aligned(*other) {
            Some((a, b, _)) => a.cmp(&b),
            None => wide::compare(*self, *other),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
