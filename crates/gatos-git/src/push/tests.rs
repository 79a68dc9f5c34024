//! Unit tests of what hooks are told.

use std::io::{self, BufRead, Read};

use super::{MAX_UPDATES, PushError, packet, read_updates};
use crate::object::ObjectFormat;

const A: &str = "1111111111111111111111111111111111111111";
const B: &str = "2222222222222222222222222222222222222222";
const ZERO: &str = "0000000000000000000000000000000000000000";

fn read(text: impl AsRef<[u8]>) -> Result<Vec<super::RefUpdate>, PushError> {
    read_updates(&mut text.as_ref(), ObjectFormat::Sha1)
}

#[test]
fn lines_are_read_as_git_writes_them() {
    let text = format!(
        "{A} {B} refs/heads/main\n{ZERO} {B} refs/gatos/journal/a\n{A} {ZERO} refs/tags/x\n"
    );
    let updates = read(text).unwrap();
    assert_eq!(updates.len(), 3);
    assert_eq!(updates[0].old.unwrap().to_string(), A);
    assert!(updates[1].old.is_none() && updates[2].new.is_none());
    let long = "3".repeat(64);
    let text = format!("{long} {long} refs/heads/main\n");
    assert!(read_updates(&mut text.as_bytes(), ObjectFormat::Sha256).is_ok());
}

#[test]
fn whatever_is_no_push_is_refused() {
    let long = "x".repeat(5000);
    let upper = A.replace('1', "A");
    let cases: Vec<Vec<u8>> = [
        String::new(),
        "\n".to_owned(),
        format!("{A} {B} refs/heads/main"),
        format!("{A} {B} refs/heads/main\n{A} {B}"),
        format!("{A} {B} refs/heads/main\r\n"),
        format!("{A} {B} refs/heads/ma\0in\n"),
        format!("{A}  {B} refs/heads/main\n"),
        format!("{A} {B}\trefs/heads/main\n"),
        format!("{A} {B} \n"),
        format!("{A} {B}\n"),
        format!("{A}\n"),
        format!("{} {B} refs/heads/main\n", &A[1..]),
        format!("{A}1 {B} refs/heads/main\n"),
        format!("{upper} {B} refs/heads/main\n"),
        format!("{} {B} refs/heads/main\n", A.replace('1', "g")),
        format!("{ZERO} {ZERO} refs/heads/main\n"),
        format!("{A} {B} refs/heads/main\n{A} {B} refs/heads/main\n"),
        format!("{A} {B} HEAD\n"),
        format!("{A} {B} main\n"),
        format!("{A} {B} refs/heads/..\n"),
        format!("{A} {B} refs/heads/a..b\n"),
        format!("{A} {B} refs/heads/a.lock\n"),
        format!("{A} {B} refs/heads/a/\n"),
        format!("{A} {B} refs/heads//a\n"),
        format!("{A} {B} refs/heads/a@{{b\n"),
        format!("{A} {B} refs/heads/a b\n"),
        format!("{A} {B} refs/heads/a~b\n"),
        format!("{A} {B} refs/heads/a:b\n"),
        format!("{A} {B} refs/heads/a\x7fb\n"),
        format!("{A} {B} refs/heads/{long}\n"),
        format!("{A} {B} refs/heads/main\n\n"),
        format!("{A} {B} refs/heads/main\nx\n"),
        "0".repeat(1 << 20),
    ]
    .into_iter()
    .map(String::into_bytes)
    .chain([
        [format!("{A} {B} refs/heads/").as_bytes(), b"\xff\n"].concat(),
        vec![0; 4096],
        vec![b'\n'; 4096],
    ])
    .collect();
    for case in cases {
        let shown = String::from_utf8_lossy(&case[..case.len().min(120)]).into_owned();
        assert!(read(case).is_err(), "{shown:?}");
    }
}

#[test]
fn there_is_a_most() {
    let line = |n| format!("{A} {B} refs/heads/b{n}\n");
    let most: String = (0..MAX_UPDATES).map(line).collect();
    assert_eq!(read(&most).unwrap().len(), MAX_UPDATES);
    let more = most + &line(MAX_UPDATES);
    assert!(matches!(read(more), Err(PushError::TooMany { .. })));
}

/// An input that ends with an error instead of an end.
struct Broken<'a>(&'a [u8]);

impl Read for Broken<'_> {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Other.into())
    }
}

impl BufRead for Broken<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.0.is_empty() {
            return Err(io::ErrorKind::Other.into());
        }
        Ok(self.0)
    }

    fn consume(&mut self, amount: usize) {
        self.0 = &self.0[amount..];
    }
}

#[test]
fn an_input_that_fails_is_no_push() {
    let text = format!("{A} {B} refs/heads/main\n");
    let read = read_updates(&mut Broken(text.as_bytes()), ObjectFormat::Sha1);
    assert!(matches!(read, Err(PushError::Io { .. })));
}

#[test]
fn packets_are_read_as_they_are_written() {
    let mut bytes = Vec::new();
    packet::write(&mut bytes, Some(b"ok refs/heads/main")).unwrap();
    packet::write(&mut bytes, None).unwrap();
    assert_eq!(bytes, b"0016ok refs/heads/main0000");
    let mut input = bytes.as_slice();
    assert_eq!(
        packet::read(&mut input).unwrap().unwrap(),
        b"ok refs/heads/main"
    );
    assert!(packet::read(&mut input).unwrap().is_none());
    for bad in [
        &b""[..],
        b"00",
        b"0003",
        b"zzzz",
        b"0010short",
        b"ffff",
        b"-001",
    ] {
        assert!(packet::read(&mut &bad[..]).is_err(), "{bad:?}");
    }
}
