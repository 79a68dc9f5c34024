//! Text from users, made safe to look at: nothing in it can move the cursor, change colours or turn
//! the order of a line around.

use std::borrow::Cow;
use std::fmt::Write as _;

/// One line: every control character, line breaks and tabs included, is written as an escape.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    replace(text, |c| is_unsafe(c) || matches!(c, '\n' | '\t'))
}

/// Several lines: as [`line`], but line breaks and tabs stay.
pub(crate) fn block(text: &str) -> Cow<'_, str> {
    replace(text, is_unsafe)
}

/// A JSON text, in which such characters stand only inside strings: JSON's own escapes.
pub(crate) fn json(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                // Writing to a string cannot fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// Control characters but tab and line feed, characters that reorder or hide text, and the two that
/// some programs take for a line break.
fn is_unsafe(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(
            c,
            '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

fn replace(text: &str, bad: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&bad) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            c if !bad(c) => safe.push(c),
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            c if c.is_ascii() => {
                let _ = write!(safe, "\\x{:02x}", u32::from(c));
            }
            c => {
                let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
            }
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    //! Unit tests of safe text.

    use super::{block, json, line};

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for text in ["", "a b", "Gruß, 东京 🐧", "`x` \"y\" \\n", "e\u{301}"] {
            assert_eq!(line(text), text);
            assert_eq!(block(text), text);
            assert_eq!(json(text), text);
        }
        assert_eq!(block("a\n\tb"), "a\n\tb");
        assert_eq!(line("a\n\tb"), "a\\n\\tb");
    }

    #[test]
    fn nothing_reaches_the_terminal_that_it_would_obey() {
        let cases = [
            ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
            ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("a\rb\x08\x7f\0", "a\\rb\\x08\\x7f\\x00"),
            ("a\u{202e}b\u{2066}", "a\\u{202e}b\\u{2066}"),
            ("a\u{2028}b\u{feff}", "a\\u{2028}b\\u{feff}"),
            ("\u{e0041}", "\\u{e0041}"),
        ];
        for (bad, good) in cases {
            assert_eq!(line(bad), good);
            assert_eq!(block(bad), good);
        }
        assert_eq!(
            json("\"\u{9b}\u{202e}\u{7f}\""),
            "\"\\u009b\\u202e\\u007f\""
        );
        assert_eq!(json("\"\u{e0041}\""), "\"\\udb40\\udc41\"");
    }
}
