//! Numbers and strings as they are written in a source text.

use crate::decimal::{Decimal, DecimalError};
use crate::value::Value;

/// Why a literal has no value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum LiteralProblem {
    HexFraction,
    HexRange,
    Decimal(DecimalError),
    Escape,
    NotUtf8,
}

impl LiteralProblem {
    /// What to tell the author.
    pub(super) fn message(self) -> String {
        match self {
            Self::HexFraction => "a hexadecimal number has no fraction or exponent here".into(),
            Self::HexRange => "this hexadecimal number does not fit 63 bits".into(),
            Self::Decimal(error) => error.to_string(),
            Self::Escape => "this escape sequence does not exist".into(),
            Self::NotUtf8 => "this string is not UTF-8 text".into(),
        }
    }
}

/// The value of a number token.
pub(super) fn number(text: &str) -> Result<Value, LiteralProblem> {
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        if hex.contains(['.', 'p', 'P']) {
            return Err(LiteralProblem::HexFraction);
        }
        return i64::from_str_radix(hex, 16)
            .map(Value::Integer)
            .map_err(|_| LiteralProblem::HexRange);
    }
    // Lua lets a digit before or after the point be absent, the decimal parser does not.
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let zero = if mantissa.starts_with('.') { "0" } else { "" };
    let plain = format!(
        "{zero}{}{exponent}",
        mantissa.strip_suffix('.').unwrap_or(mantissa)
    );
    Decimal::parse_lenient(&plain)
        .map(Value::number)
        .map_err(LiteralProblem::Decimal)
}

/// The text between long brackets; a first line end is no part of it.
pub(super) fn long_string(raw: &str) -> String {
    raw.strip_prefix('\n').unwrap_or(raw).to_owned()
}

/// The text between quotes, with escape sequences replaced.
pub(super) fn quoted_string(raw: &str) -> Result<String, LiteralProblem> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, escaped)) = rest.split_once('\\') {
        out.extend_from_slice(plain.as_bytes());
        rest = escape(escaped, &mut out)?;
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8(out).map_err(|_| LiteralProblem::NotUtf8)
}

/// Write what the escape at the start of `text` means; what follows it is returned.
fn escape<'a>(text: &'a str, out: &mut Vec<u8>) -> Result<&'a str, LiteralProblem> {
    let mut chars = text.chars();
    let simple = match chars.next().ok_or(LiteralProblem::Escape)? {
        'n' | '\n' => '\n',
        't' => '\t',
        'r' => '\r',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        c @ ('\\' | '"' | '\'') => c,
        'z' => {
            return Ok(chars
                .as_str()
                .trim_start_matches(|c: char| c.is_ascii_whitespace()));
        }
        'x' => return hex_byte(chars.as_str(), out),
        'u' => return code_point(chars.as_str(), out),
        '0'..='9' => return decimal_byte(text, out),
        _ => return Err(LiteralProblem::Escape),
    };
    out.extend_from_slice(simple.encode_utf8(&mut [0; 4]).as_bytes());
    Ok(chars.as_str())
}

fn hex_byte<'a>(text: &'a str, out: &mut Vec<u8>) -> Result<&'a str, LiteralProblem> {
    let digits = text.get(..2).ok_or(LiteralProblem::Escape)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(LiteralProblem::Escape);
    }
    out.push(u8::from_str_radix(digits, 16).map_err(|_| LiteralProblem::Escape)?);
    Ok(text.get(2..).unwrap_or(""))
}

fn decimal_byte<'a>(text: &'a str, out: &mut Vec<u8>) -> Result<&'a str, LiteralProblem> {
    let length = text.bytes().take(3).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(length);
    out.push(digits.parse().map_err(|_| LiteralProblem::Escape)?);
    Ok(rest)
}

fn code_point<'a>(text: &'a str, out: &mut Vec<u8>) -> Result<&'a str, LiteralProblem> {
    let (digits, rest) = text
        .strip_prefix('{')
        .and_then(|text| text.split_once('}'))
        .ok_or(LiteralProblem::Escape)?;
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(LiteralProblem::Escape);
    }
    let code = u32::from_str_radix(digits, 16).map_err(|_| LiteralProblem::Escape)?;
    let c = char::from_u32(code).ok_or(LiteralProblem::NotUtf8)?;
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    Ok(rest)
}
