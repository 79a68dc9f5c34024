//! What becomes of hostile texts in a commit message.

use super::Message;

#[test]
fn a_subject_is_one_clean_line() {
    for (text, expect) in [
        ("append 3 events", "append 3 events\n"),
        ("", "(no subject)\n"),
        (" \n ", "(no subject)\n"),
        ("a\n\nSigned-off-by: eve", "a  Signed-off-by: eve\n"),
        ("a\r\nb", "a  b\n"),
        ("\u{1b}[2Jx", "\u{fffd}[2Jx\n"),
        ("a\0b", "a\u{fffd}b\n"),
        ("\u{9b}31m", "\u{fffd}31m\n"),
        ("\u{202e}gpj.exe", "\u{fffd}gpj.exe\n"),
    ] {
        assert_eq!(Message::new(text).to_text(), expect, "{text:?}");
    }
}

#[test]
fn no_line_of_a_body_begins_at_the_margin() {
    let text = Message::new("s")
        .with_body("first\n\nSigned-off-by: eve\n---\n# x\n(cherry picked from commit 1)")
        .to_text();
    assert_eq!(
        text,
        "s\n\n  first\n\n  Signed-off-by: eve\n  ---\n  # x\n  (cherry picked from commit 1)\n"
    );
}

#[test]
fn trailers_are_the_last_paragraph_and_one_line_each() {
    let text = Message::new("s")
        .with_body("b")
        .with_trailer("Gatos-Journal", "x\nGatos-Policy: forged")
        .to_text();
    assert_eq!(text, "s\n\n  b\n\nGatos-Journal: x Gatos-Policy: forged\n");
}

#[test]
fn lengths_are_bounded() {
    let text = Message::new(&"é".repeat(300)).to_text();
    assert_eq!(text.chars().count(), 102);
}
