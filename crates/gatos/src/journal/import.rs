//! Importing files as events: a row of a CSV or a line of JSON is one event.
//!
//! Identifiers follow from the repository, the journal, the file's bytes and the row's number, so that
//! importing a file again adds nothing.

use std::path::Path;

use gatos_core::cid::Cid;
use gatos_core::decimal::Decimal;
use gatos_core::json;
use gatos_core::keys::Signer;
use gatos_core::name::JournalName;
use gatos_core::ulid::Ulid;
use gatos_core::value::Value;

use super::append::{AppendReport, Draft, append};
use crate::error::{Context, Error, ErrorKind};
use crate::progress::Progress;
use crate::repository::Repository;

/// What a file holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ImportFormat {
    /// A header line and rows; a cell that is a number becomes one, an empty one or `NA` null
    Csv,
    /// An object a line: `{"type": …, "payload": …}`, and `ulid` and `ts` if wanted
    JsonLines,
}

impl ImportFormat {
    /// The format that a file's name says.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            _ => None,
        }
    }
}

/// Append every row or line of a file to a journal.
///
/// # Errors
/// A file that cannot be read, a row or line that is no event (by its number), or an append that fails.
pub fn import(
    repository: &Repository,
    journal: &JournalName,
    (path, format): (&Path, ImportFormat),
    event_type: Option<&str>,
    (signer, progress): (&(dyn Signer + Sync), &mut dyn Progress),
) -> Result<AppendReport, Error> {
    let shown = path.display().to_string();
    let bytes =
        std::fs::read(path).context(ErrorKind::Usage, || format!("cannot read `{shown}`"))?;
    let mut drafts = match format {
        ImportFormat::Csv => from_csv(&bytes, &shown, event_type)?,
        ImportFormat::JsonLines => from_json_lines(&bytes, &shown, event_type)?,
    };
    let key = format!("{} {journal} {}", repository.id(), Cid::of_raw(&bytes));
    let digest = *Cid::of_raw(key.as_bytes()).digest();
    for (row, draft) in (0_u128..).zip(&mut drafts) {
        draft.ulid = draft.ulid.or_else(|| Some(derived_ulid(&digest, row)));
    }
    append(repository, journal, drafts, signer, progress)
}

/// The time part is zero, for no clock was asked; then 48 bits of the file's digest and 32 of the row.
fn derived_ulid(digest: &[u8; 32], row: u128) -> Ulid {
    let file = digest
        .iter()
        .take(6)
        .fold(0_u128, |sum, byte| sum << 8 | u128::from(*byte));
    Ulid::from_parts(0, file << 32 | row & 0xffff_ffff)
}

fn from_csv(bytes: &[u8], shown: &str, event_type: Option<&str>) -> Result<Vec<Draft>, Error> {
    let event_type = event_type.ok_or_else(|| {
        Error::new(
            ErrorKind::Usage,
            "rows of a CSV do not say what type of event they are",
        )
        .with_hint("give --type, for instance --type measurement")
    })?;
    let wrong = || format!("`{shown}` is no CSV with a header line");
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
    let header = reader.headers().context(ErrorKind::Usage, wrong)?.clone();
    let mut drafts = Vec::new();
    for record in reader.records() {
        let record = record.context(ErrorKind::Usage, wrong)?;
        let line = record.position().map_or(0, csv::Position::line);
        let entries = header.iter().zip(&record).map(|(name, cell)| {
            cell_value(cell)
                .map(|value| (name, value))
                .context(ErrorKind::Usage, || {
                    format!("column `{name}` of line {line} of `{shown}`: `{cell}`")
                })
        });
        let payload = Value::map(entries.collect::<Result<Vec<_>, Error>>()?);
        let event_type = event_type.to_owned();
        drafts.push(Draft {
            event_type,
            payload,
            ulid: None,
            ts: None,
        });
    }
    Ok(drafts)
}

/// A number where the cell is one, written as numbers are; else text. Leading zeros make an identifier.
fn cell_value(cell: &str) -> Result<Value, gatos_core::decimal::DecimalError> {
    if cell.is_empty() || cell == "NA" {
        return Ok(Value::Null);
    }
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0') || digits.starts_with("0."))
        && digits
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+'));
    if !is_number {
        return Ok(Value::text(cell));
    }
    match Decimal::parse_lenient(cell) {
        Ok(number) => Ok(Value::number(number)),
        // A date such as 2001-01-02 begins like a number.
        Err(gatos_core::decimal::DecimalError::Syntax) => Ok(Value::text(cell)),
        Err(error) => Err(error),
    }
}

fn from_json_lines(
    bytes: &[u8],
    shown: &str,
    event_type: Option<&str>,
) -> Result<Vec<Draft>, Error> {
    let text = std::str::from_utf8(bytes)
        .context(ErrorKind::Usage, || format!("`{shown}` is not UTF-8 text"))?;
    drafts(text, shown, event_type)
}

/// The events that lines of JSON describe; `origin` is what errors call the text.
///
/// # Errors
/// A line that is no object with `type` and `payload`, and `ulid` and `ts` if wanted.
pub fn drafts(text: &str, origin: &str, event_type: Option<&str>) -> Result<Vec<Draft>, Error> {
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    let drafts = lines.map(|(index, line)| {
        draft_of_line(line, event_type).map_err(|e| {
            let kind = e.kind();
            Error::new(kind, format!("line {} of `{origin}`", index + 1)).with_source(e)
        })
    });
    drafts.collect()
}

/// The event that a line of JSON describes.
///
/// # Errors
/// A line that is no object with `type` and `payload`, and `ulid` and `ts` if wanted.
pub(crate) fn draft_of_line(line: &str, event_type: Option<&str>) -> Result<Draft, Error> {
    let value = json::from_str(line).context(ErrorKind::Usage, || "not an event".to_owned())?;
    draft_of_value(value, event_type)
}

/// The event that a JSON object describes.
///
/// # Errors
/// What is no object with `type` and `payload`, and `ulid` and `ts` if wanted.
pub(crate) fn draft_of_value(value: Value, event_type: Option<&str>) -> Result<Draft, Error> {
    let usage = |message: &str| Error::new(ErrorKind::Usage, message);
    let Value::Map(mut map) = value else {
        return Err(usage("not an object"));
    };
    let event_type = match (map.remove("type"), event_type) {
        (Some(Value::Text(text)), _) => text,
        (None, Some(text)) => text.to_owned(),
        (None, None) => return Err(usage("`type` is missing")),
        (Some(_), _) => return Err(usage("`type` is not a text")),
    };
    let payload = map
        .remove("payload")
        .ok_or_else(|| usage("`payload` is missing"))?;
    let ulid = match map.remove("ulid") {
        None => None,
        Some(Value::Text(text)) => Some(
            text.parse()
                .context(ErrorKind::Usage, || format!("`ulid` is `{text}`"))?,
        ),
        Some(_) => return Err(usage("`ulid` is not a text")),
    };
    let ts = match map.remove("ts") {
        None => None,
        Some(Value::Integer(ts)) => Some(ts),
        Some(_) => return Err(usage("`ts` is not an integer of milliseconds")),
    };
    match map.iter().next() {
        None => Ok(Draft {
            event_type,
            payload,
            ulid,
            ts,
        }),
        Some((key, _)) => Err(usage(&format!("the field `{key}` is unknown"))
            .with_hint("what happened belongs into `payload`")),
    }
}

#[cfg(test)]
mod tests {
    //! Unit tests of cells and lines.

    use super::{cell_value, draft_of_line};

    #[test]
    fn cells_become_what_they_look_like() {
        for (cell, json) in [
            ("316.1", "316.1"),
            ("316.10", "316.1"),
            ("19580329", "19580329"),
            ("-5", "-5"),
            ("0", "0"),
            ("0.5", "0.5"),
            ("1e3", "1000"),
            ("", "null"),
            ("NA", "null"),
            ("007", "\"007\""),
            ("2001-01-02", "\"2001-01-02\""),
            ("Adelie", "\"Adelie\""),
            ("1,5", "\"1,5\""),
            (".5", "\".5\""),
        ] {
            assert_eq!(
                gatos_core::json::to_string(&cell_value(cell).unwrap()),
                json,
                "{cell}"
            );
        }
        assert!(cell_value("0.12345678901234567890123456789").is_err());
    }

    #[test]
    fn lines_are_refused_with_a_reason() {
        let good = r#"{"type":"a","payload":{"x":0.1},"ts":5}"#;
        assert_eq!(draft_of_line(good, None).unwrap().ts, Some(5));
        for (line, why) in [
            ("{", "not an event"),
            ("[]", "not an object"),
            (r#"{"payload":1}"#, "`type` is missing"),
            (r#"{"type":"a"}"#, "`payload` is missing"),
            (r#"{"type":1,"payload":1}"#, "`type` is not a text"),
            (r#"{"type":"a","payload":1,"x":1}"#, "unknown"),
            (r#"{"type":"a","payload":1,"ulid":"x"}"#, "not a ULID"),
        ] {
            let message = draft_of_line(line, None).unwrap_err().full_message();
            assert!(message.contains(why), "{line}: {message}");
        }
    }
}
