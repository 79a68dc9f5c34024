//! Text from elsewhere, fit to be shown in a message or on a terminal.

use std::fmt;

/// Most characters that are shown.
const MAX_CHARS: usize = 60;

/// A text shortened to 60 characters, in which nothing commands a terminal or reorders what is read.
///
/// ```
/// use gatos_core::value::Excerpt;
///
/// assert_eq!(Excerpt("a\u{1b}[2Jb\n").to_string(), r"a\u{1b}[2Jb\u{a}");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Excerpt<'a>(pub &'a str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut chars = self.0.chars();
        for c in chars.by_ref().take(MAX_CHARS) {
            if is_unsafe_to_show(c) {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                fmt::Write::write_char(f, c)?;
            }
        }
        f.write_str(if chars.next().is_some() { "…" } else { "" })
    }
}

/// Control characters, and invisible ones that change the direction or shape of text around them.
#[must_use]
pub const fn is_unsafe_to_show(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f'
        | '\x7f'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}
