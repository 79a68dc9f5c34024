//! Guessing why two files differ that are no text, from where the first difference lies.

use super::cause::Cause;
use super::compare::Sample;

pub(super) fn cause(sample: &Sample<'_>) -> Cause {
    if sample.from == 0
        && let Some(cause) = container(sample)
    {
        return cause;
    }
    if sample.at >= sample.old.len() || sample.at >= sample.new.len() {
        return Cause::Length;
    }
    if let Some(cause) = embedded_text(sample) {
        return cause;
    }
    if is_time(sample) {
        return Cause::ArchiveTime;
    }
    if is_float_noise(sample) {
        return Cause::FloatNoise;
    }
    if is_noise(sample) {
        return Cause::Random;
    }
    Cause::Unknown
}

/// Files with a known structure: which field holds the first difference?
fn container(sample: &Sample<'_>) -> Option<Cause> {
    let old = &sample.old;
    let at = sample.at;
    if old.starts_with(&[0x1f, 0x8b]) {
        // RFC 1952: the time of modification is in bytes 4 to 7.
        return (4..8).contains(&at).then_some(Cause::ArchiveTime);
    }
    if sample.path.extension().is_some_and(|e| e == "pyc") && (4..16).contains(&at) {
        return Some(Cause::ArchiveTime);
    }
    if old.starts_with(b"PK\x03\x04") {
        return zip(old, at);
    }
    if old.get(257..262) == Some(b"ustar") {
        return tar(at);
    }
    if old.starts_with(b"!<arch>\n") {
        // Each header has 60 bytes; the time is in 16 to 27.
        let header = old[..at]
            .windows(2)
            .rposition(|w| w == b"`\n")
            .map_or(8, |end| end.saturating_sub(58));
        return (header + 16..header + 28)
            .contains(&at)
            .then_some(Cause::ArchiveTime);
    }
    None
}

/// A local header (`PK 3 4`) has the time at 10 to 13 and the name from 30; a central one
/// (`PK 1 2`) has the time at 12 to 15 and the name from 46.
fn zip(old: &[u8], at: usize) -> Option<Cause> {
    let end = old.len().min(at + 4);
    let header = old[..end]
        .windows(4)
        .rposition(|w| w == b"PK\x03\x04" || w == b"PK\x01\x02")?;
    let (time, name) = match old.get(header + 2) {
        Some(3) => (10..14, 26..30),
        _ => (12..16, 28..32),
    };
    let inside = at.checked_sub(header)?;
    if time.contains(&inside) {
        Some(Cause::ArchiveTime)
    } else if name.contains(&inside) || (name.end..name.end + 80).contains(&inside) {
        Some(Cause::ArchiveOrder)
    } else {
        None
    }
}

/// POSIX: a header has the name at 0 to 99, the time at 136 to 147 and the checksum after it.
fn tar(at: usize) -> Option<Cause> {
    match at % 512 {
        0..100 => Some(Cause::ArchiveOrder),
        136..156 => Some(Cause::ArchiveTime),
        _ => None,
    }
}

/// Printable text around the difference: a date in a PDF, a path in a program.
fn embedded_text(sample: &Sample<'_>) -> Option<Cause> {
    let run = |bytes: &[u8]| {
        let printable = |b: &u8| (0x20..0x7f).contains(b);
        let at = sample.at.min(bytes.len());
        let start = bytes[..at]
            .iter()
            .rposition(|b| !printable(b))
            .map_or(0, |i| i + 1);
        let end = bytes[at..]
            .iter()
            .position(|b| !printable(b))
            .map_or(bytes.len(), |i| at + i);
        let text =
            String::from_utf8_lossy(&bytes[start.max(at.saturating_sub(120))..end.min(at + 120)]);
        text.into_owned()
    };
    let (old, new) = (run(&sample.old), run(&sample.new));
    if old.len() < 8 || new.len() < 8 {
        return None;
    }
    match super::text::line_cause(&old, &new) {
        Cause::Unknown | Cause::Random | Cause::Order => None,
        cause => Some(cause),
    }
}

/// Whether a short run of bytes differs that reads as seconds since 1970, either way round.
fn is_time(sample: &Sample<'_>) -> bool {
    if sample.old.len() != sample.new.len() {
        return false;
    }
    let differing = sample
        .old
        .iter()
        .zip(&sample.new)
        .filter(|(a, b)| a != b)
        .count();
    let plausible = |bytes: &[u8]| {
        // The first byte that differs may be any of the four.
        (0..4)
            .filter_map(|back| bytes.get(sample.at.checked_sub(back)?..)?.first_chunk())
            .any(|word| {
                let range = 1_000_000_000..2_500_000_000_u32;
                range.contains(&u32::from_le_bytes(*word))
                    || range.contains(&u32::from_be_bytes(*word))
            })
    };
    differing <= 4 && plausible(&sample.old) && plausible(&sample.new)
}

/// Whether the difference lies in the low bytes of a 64-bit number and the high ones are equal.
fn is_float_noise(sample: &Sample<'_>) -> bool {
    if sample.old.len() != sample.new.len() {
        return false;
    }
    let words = |bytes: &[u8]| -> Vec<u64> {
        let skip = sample.at % 8;
        let start = sample.at - skip;
        let words = bytes[start..].chunks_exact(8).take(4096);
        words
            .filter_map(|w| Some(u64::from_le_bytes(*w.first_chunk()?)))
            .collect()
    };
    let (old, new) = (words(&sample.old), words(&sample.new));
    let mut changed = old.iter().zip(&new).filter(|(a, b)| a != b).peekable();
    changed.peek().is_some() && changed.all(|(a, b)| a >> 24 == b >> 24 && a >> 52 != 0)
}

/// Whether what follows the first difference is nearly all different: noise, or compressed data.
fn is_noise(sample: &Sample<'_>) -> bool {
    let old = sample.old[sample.at..].iter();
    let pairs: Vec<_> = old.zip(&sample.new[sample.at..]).take(4096).collect();
    let differing = pairs.iter().filter(|(a, b)| a != b).count();
    pairs.len() >= 16 && differing * 10 >= pairs.len() * 9
}
