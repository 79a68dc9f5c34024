//! Guessing why two text files differ.

use std::collections::BTreeMap;
use std::path::Path;

use super::cause::Cause;
use super::compare::Sample;

/// Guess from the first differing lines and from both files.
pub(super) fn cause(sample: &Sample<'_>, old: &str, new: &str) -> Cause {
    if permuted(lines(&sample.old), lines(&sample.new)) {
        return Cause::Order;
    }
    if old.is_empty() != new.is_empty() && is_prefix(&sample.old, &sample.new) {
        return Cause::Length;
    }
    line_cause(old, new)
}

/// Guess from two names of what seems to be one thing.
pub(super) fn name_cause(old: &Path, new: &Path) -> Cause {
    match line_cause(&old.to_string_lossy(), &new.to_string_lossy()) {
        Cause::Unknown => Cause::FileSet,
        cause => cause,
    }
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|b| *b == b'\n')
}

/// Whether both have the same items, in another order.
fn permuted<'a, T: Ord>(
    old: impl Iterator<Item = T> + 'a,
    new: impl Iterator<Item = T> + 'a,
) -> bool {
    let mut counts: BTreeMap<T, i64> = BTreeMap::new();
    for item in old {
        *counts.entry(item).or_default() += 1;
    }
    for item in new {
        *counts.entry(item).or_default() -= 1;
    }
    counts.len() > 1 && counts.values().all(|count| *count == 0)
}

fn is_prefix(a: &[u8], b: &[u8]) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

/// Guess from two lines.
pub(super) fn line_cause(old: &str, new: &str) -> Cause {
    let (a, b) = changed_tokens(old, new);
    let both = |test: fn(&str) -> bool| a.iter().any(|t| test(t)) && b.iter().any(|t| test(t));
    if both(is_store_path) {
        return Cause::StorePath;
    }
    if both(is_build_path) {
        return Cause::BuildPath;
    }
    if both(is_address) {
        return Cause::Address;
    }
    let dated = both(is_number) && has_month(old) && has_month(new);
    if both(is_time) || are_seconds_since_1970(&a, &b) || dated {
        return Cause::Time;
    }
    if both(is_random_id) {
        return Cause::RandomId;
    }
    if permuted(words(old), words(new)) {
        return Cause::Order;
    }
    if mentions_machine(old) && mentions_machine(new) {
        return Cause::Machine;
    }
    numbers(&a, &b)
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.' && c != '-')
        .filter(|word| !word.is_empty())
}

/// The tokens of each line that the other does not have at the same place.
fn changed_tokens<'a>(old: &'a str, new: &'a str) -> (Vec<&'a str>, Vec<&'a str>) {
    let split = |line: &'a str| -> Vec<&'a str> {
        line.split(|c: char| c.is_whitespace() || "\"'<>()[]{},;=|".contains(c))
            .filter(|token| !token.is_empty())
            .collect()
    };
    let (a, b) = (split(old), split(new));
    if a.len() == b.len() {
        a.into_iter().zip(b).filter(|(x, y)| x != y).unzip()
    } else {
        (a, b)
    }
}

fn is_store_path(token: &str) -> bool {
    token.contains("/nix/store/")
}

fn is_build_path(token: &str) -> bool {
    [
        "/build/",
        "/tmp/",
        "/var/tmp/",
        "nix-build-",
        "/nix/var/nix/builds",
    ]
    .iter()
    .any(|place| token.contains(place))
        || token == "/build"
}

/// A number in hexadecimal as pointers are written, or in decimal as Python's `id()` gives it: where
/// Linux puts programs and their memory, and aligned as they are.
fn is_address(token: &str) -> bool {
    let hexadecimal = token.split_once("0x").is_some_and(|(_, rest)| {
        let digits = rest.chars().take_while(char::is_ascii_hexdigit).count();
        (6..=16).contains(&digits)
    });
    let decimal = token.parse().is_ok_and(|number: u64| {
        (0x5500_0000_0000..=0x7fff_ffff_ffff).contains(&number) && number.is_multiple_of(8)
    });
    hexadecimal || decimal
}

/// `2026-11-22`, `2026/11/22`, `12:34:56`, `20261122T123456`, `22.11.2026`.
fn is_time(token: &str) -> bool {
    let shape: String = token
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    let written = [
        "0000-00-00",
        "0000/00/00",
        "00:00:00",
        "00000000T0000",
        "00.00.0000",
    ];
    written.iter().any(|pattern| shape.contains(pattern))
}

/// Both are times from 2015 to 2040, not ten years apart, in seconds, perhaps with a fraction, or in
/// milli-, micro- or nanoseconds. Few other numbers of ten digits are.
fn are_seconds_since_1970(a: &[&str], b: &[&str]) -> bool {
    let pairs: Vec<_> = a
        .iter()
        .zip(b)
        .filter_map(|(a, b)| Some((seconds(a)?, seconds(b)?)))
        .collect();
    let near = |(a, b): &(u64, u64)| a.abs_diff(*b) < 10 * 366 * 24 * 3600;
    a.len() == b.len() && !pairs.is_empty() && pairs.iter().all(near)
}

fn seconds(token: &str) -> Option<u64> {
    let whole = token.split('.').next()?;
    if !matches!(whole.len(), 10 | 13 | 16 | 19) || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let seconds = whole.get(..10)?.parse().ok()?;
    (1_420_000_000..2_208_988_800)
        .contains(&seconds)
        .then_some(seconds)
}

fn has_month(line: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut words = line.split(|c: char| !c.is_alphabetic());
    words.any(|word| {
        MONTHS
            .iter()
            .any(|month| word.starts_with(month) && word.len() <= 9)
    })
}

/// A UUID, or at least 16 hexadecimal digits in a row of which some are letters.
fn is_random_id(token: &str) -> bool {
    token
        .split(|c: char| !c.is_ascii_hexdigit() && c != '-')
        .any(|run| {
            let digits: String = run.chars().filter(|c| *c != '-').collect();
            let uuid = run.len() == 36 && digits.len() == 32;
            let long = digits.len() >= 16 && digits.bytes().any(|b| b.is_ascii_alphabetic());
            uuid || (long && run.len() == digits.len())
        })
}

fn mentions_machine(line: &str) -> bool {
    let line = line.to_lowercase();
    [
        "cpu",
        "core",
        "thread",
        "processor",
        "kernel",
        "linux",
        "uptime",
        "hostname",
        "memtotal",
        "model name",
        "microcode",
        "xeon",
        "epyc",
        "ryzen",
        "amd64",
        "x86_64",
        "aarch64",
    ]
    .iter()
    .any(|word| line.contains(word))
}

fn is_number(token: &str) -> bool {
    Number::parse(token).is_some()
}

/// A decimal number as its digits and the place of its point, so that no precision is lost.
struct Number {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Number {
    fn parse(token: &str) -> Option<Self> {
        let token = token.trim_end_matches(['%', ':', '.']);
        let (negative, rest) = match token.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, token.strip_prefix('+').unwrap_or(token)),
        };
        let (mantissa, power) = match rest.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, power.parse::<i64>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty() || !all.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let digits = all.trim_start_matches('0').to_owned();
        let leading = (all.len() - digits.len()) as i64;
        Some(Self {
            negative,
            exponent: power
                .checked_add(whole.len() as i64)?
                .checked_sub(leading)?,
            digits,
        })
    }

    /// How many leading digits two numbers share.
    fn shared_digits(&self, other: &Self) -> usize {
        if self.negative != other.negative || self.exponent != other.exponent {
            return 0;
        }
        let pairs = self.digits.bytes().zip(other.digits.bytes());
        pairs.take_while(|(a, b)| a == b).count()
    }
}

/// Digits in which two numbers must agree to be the same number with noise.
const NOISE_DIGITS: usize = 6;

fn numbers(a: &[&str], b: &[&str]) -> Cause {
    let parse = |tokens: &[&str]| -> Option<Vec<Number>> {
        tokens.iter().map(|token| Number::parse(token)).collect()
    };
    let (Some(a), Some(b)) = (parse(a), parse(b)) else {
        return Cause::Unknown;
    };
    if a.is_empty() || a.len() != b.len() {
        return Cause::Unknown;
    }
    let near = |(x, y): (&Number, &Number)| {
        x.shared_digits(y) >= NOISE_DIGITS && x.digits.len().max(y.digits.len()) > 8
    };
    if a.iter().zip(&b).all(near) {
        Cause::FloatNoise
    } else {
        Cause::Random
    }
}
