//! Unit tests of lines, requests and answers.

use super::{Answer, Body, Call, Code, FrameError, Framer, Id, MAX_LINE_BYTES, Message, Request};
use crate::error::ErrorKind;

fn cut(pieces: &[&[u8]]) -> Vec<Result<String, FrameError>> {
    let mut framer = Framer::new();
    let mut lines = Vec::new();
    for piece in pieces {
        framer.feed(piece);
        while let Some(line) = framer.next_line() {
            lines.push(line);
        }
    }
    lines.extend(framer.finish().err().map(Err));
    lines
}

#[test]
fn lines_are_cut_wherever_the_pieces_end() {
    let text = b"one\n\n  \r\ntwo\xff\nthree\n\xc3\xa4\nrest";
    let whole = cut(&[text]);
    assert_eq!(
        whole,
        [
            Ok("one".to_owned()),
            Err(FrameError::NotUtf8 { at: 3 }),
            Ok("three".to_owned()),
            Ok("\u{e4}".to_owned()),
            Err(FrameError::Unfinished),
        ]
    );
    for size in 1..text.len() {
        let pieces: Vec<&[u8]> = text.chunks(size).collect();
        assert_eq!(cut(&pieces), whole, "in pieces of {size}");
    }
}

#[test]
fn a_line_that_is_too_long_is_told_once_and_passed_over() {
    let most = vec![b'x'; MAX_LINE_BYTES - 1];
    let longer = vec![b'x'; MAX_LINE_BYTES];
    for (line, fits) in [(&most, true), (&longer, false)] {
        for size in [1000, 65_536, 3 << 20] {
            let mut text = [line.as_slice(), b"\nnext\n"].concat();
            let pieces: Vec<&[u8]> = text.chunks(size).collect();
            let lines = cut(&pieces);
            assert_eq!(lines.len(), 2, "{size}");
            assert_eq!(lines[0].is_ok(), fits, "{size}");
            assert_eq!(lines[1], Ok("next".to_owned()), "{size}");
            text.clear();
        }
    }
    // What is held does not grow with the line.
    let mut framer = Framer::new();
    let mut told = 0;
    for _ in 0..64 {
        framer.feed(&vec![b'x'; 1 << 20]);
        while let Some(line) = framer.next_line() {
            assert_eq!(line, Err(FrameError::TooLong));
            told += 1;
        }
        assert!(framer.held_bytes() <= 2 << 20);
    }
    assert_eq!(told, 1);
}

#[test]
fn what_is_no_request_is_refused_with_a_reason() {
    let deep = format!(
        "{{\"id\":1,\"method\":{}1{}}}",
        "[".repeat(70),
        "]".repeat(70)
    );
    for (line, code, reason) in [
        ("", Code::Malformed, "not JSON"),
        ("null", Code::Malformed, "not a map"),
        ("{\"id\":1,\"id\":2}", Code::Malformed, "is there twice"),
        ("{\"id\":1.5,\"method\":\"ping\"}", Code::Malformed, "`id`"),
        (
            "{\"method\":\"ping\"}",
            Code::Malformed,
            "lacks the field `id`",
        ),
        (&*deep, Code::Malformed, "nesting is deeper"),
        ("{\"id\":1}", Code::Invalid, "lacks the field `method`"),
        (
            "{\"id\":1,\"method\":\"pang\"}",
            Code::UnknownMethod,
            "`pang`",
        ),
        (
            "{\"id\":1,\"method\":\"ping\",\"x\":1}",
            Code::Invalid,
            "unknown field `x`",
        ),
        (
            "{\"id\":1,\"method\":\"append\"}",
            Code::Invalid,
            "`journal`",
        ),
        (
            "{\"id\":1,\"method\":\"append\",\"journal\":\"..\"}",
            Code::Invalid,
            "a name",
        ),
        (
            "{\"id\":1,\"method\":\"append\",\"journal\":\"m\"}",
            Code::Invalid,
            "at least one event",
        ),
        (
            "{\"id\":1,\"method\":\"append\",\"journal\":\"m\",\"events\":[\"a!\"]}",
            Code::Invalid,
            "base64",
        ),
        (
            "{\"id\":1,\"method\":\"append\",\"journal\":\"m\",\"drafts\":[{\"type\":\"t\"}]}",
            Code::Invalid,
            "`payload`",
        ),
        (
            "{\"id\":1,\"method\":\"follow\",\"journal\":\"m\",\"since\":-1}",
            Code::Invalid,
            "zero or more",
        ),
    ] {
        let refusal = Request::read(line).unwrap_err();
        assert_eq!(refusal.code, code, "{line}: {}", refusal.reason);
        assert!(
            refusal.reason.contains(reason),
            "{line}: {}",
            refusal.reason
        );
    }
}

#[test]
fn what_is_no_statement_of_governance_is_refused_with_a_reason() {
    for (line, reason) in [
        (
            "{\"id\":1,\"method\":\"approve\"}",
            "lacks the field `approval`",
        ),
        (
            "{\"id\":1,\"method\":\"approve\",\"approval\":\"a!\"}",
            "base64",
        ),
        (
            "{\"id\":1,\"method\":\"propose\",\"proposal\":\"\",\"code\":\"\"}",
            "together with `bundle`",
        ),
        (
            "{\"id\":1,\"method\":\"activate\",\"bundle\":\"\",\"activation\":\"\"}",
            "lacks the field `decided`",
        ),
        (
            "{\"id\":1,\"method\":\"watch\",\"series\":\"x\"}",
            "together with `since`",
        ),
    ] {
        let refusal = Request::read(line).unwrap_err();
        assert_eq!(refusal.code, Code::Invalid, "{line}");
        assert!(
            refusal.reason.contains(reason),
            "{line}: {}",
            refusal.reason
        );
    }
}

#[test]
fn numbers_in_drafts_are_exact() {
    let line =
        r#"{"id":"a","method":"append","journal":"m","drafts":[{"type":"t","payload":0.10}]}"#;
    let request = Request::read(line).unwrap();
    assert_eq!(request.id, Id::Text("a".to_owned()));
    let Call::Append { drafts, .. } = request.call else {
        panic!("an append");
    };
    assert_eq!(crate::json::to_string(&drafts[0].payload), "0.1");
}

#[test]
fn answers_are_read_as_they_were_written() {
    let id = Id::Number(7);
    let text = |answer: Answer| String::from_utf8(answer.into_bytes()).unwrap();
    let done = text(Answer::done(&id, &[1, 2]));
    assert_eq!(done, "{\"ok\":true,\"id\":7,\"result\":[1,2]}\n");
    let error = crate::Error::new(ErrorKind::Refused, "no\nway").with_hint("ask");
    let failed = text(Answer::failed(&id, &error));
    assert_eq!(failed.matches('\n').count(), 1);
    let Some(Message {
        body: Body::Refused(refusal),
        ..
    }) = Message::read(&failed)
    else {
        panic!("{failed}");
    };
    assert_eq!(refusal.code, Code::Operation(ErrorKind::Refused));
    assert_eq!(
        (refusal.reason, refusal.hint),
        ("no\nway".to_owned(), Some("ask".to_owned()))
    );
    let long = text(Answer::done(&id, &"x".repeat(MAX_LINE_BYTES)));
    assert!(long.contains("\"code\":\"too-long\""), "{long}");
}
