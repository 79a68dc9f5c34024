//! What a program sees of a report: one JSON document on one line.

use serde::Serialize;

use super::visible;
use crate::failure::Failure;

/// The document, with a line break after it.
pub(super) fn document<T: Serialize + ?Sized>(value: &T) -> Result<String, serde_json::Error> {
    let mut text = visible::json(&serde_json::to_string(value)?).into_owned();
    text.push('\n');
    Ok(text)
}

/// A failure, as it is printed to standard error.
pub(crate) fn failure(failure: &Failure) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        error: &'a Failure,
    }
    // A failure is three texts and a number, which JSON can hold.
    document(&Document { error: failure }).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    //! Unit tests of JSON output.

    #[test]
    fn a_document_is_one_line_that_a_terminal_can_show() {
        let text = super::document(&["a\x1b[2J\n", "\u{9b}2J\u{202e}"]).unwrap();
        assert_eq!(text, "[\"a\\u001b[2J\\n\",\"\\u009b2J\\u202e\"]\n");
        let back: Vec<String> = serde_json::from_str(&text).unwrap();
        assert_eq!(back, ["a\x1b[2J\n", "\u{9b}2J\u{202e}"]);
    }
}
