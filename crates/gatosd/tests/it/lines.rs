//! Lines that are no requests: each gets its error, and the connection lives on.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;

use gatos::rpc::{Code, Framer, MAX_LINE_BYTES, Request};
use serde_json::{Value, json};

use crate::lab::Lab;

/// The answers to some bytes, after which nothing more is sent.
fn answers(mut stream: UnixStream, sent: &[u8]) -> Vec<Value> {
    let mut reader = stream.try_clone().unwrap();
    std::thread::scope(|scope| {
        let read = scope.spawn(move || {
            let mut text = String::new();
            reader.read_to_string(&mut text).unwrap();
            text
        });
        // In pieces, so that lines end anywhere.
        for piece in sent.chunks(7919) {
            stream.write_all(piece).unwrap();
        }
        stream.shutdown(Shutdown::Write).unwrap();
        let text = read.join().unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    })
}

#[test]
fn every_bad_line_has_its_error_and_the_next_one_is_served() {
    let lab = Lab::new();
    let _daemon = lab.start();
    let deep = format!(
        "{{\"id\":1,\"method\":{}{}}}",
        "[".repeat(9000),
        "]".repeat(9000)
    );
    let long = format!("{{\"id\":1,\"method\":\"{}\"}}", "x".repeat(MAX_LINE_BYTES));
    let cases: [(&[u8], &str, &str); 11] = [
        (b"{", "malformed", "not JSON"),
        (b"\xff\xfe{}", "malformed", "not UTF-8: byte 0"),
        (b"[1]", "malformed", "not a map"),
        (b"{\"id\":{},\"method\":\"ping\"}", "malformed", "`id`"),
        (
            b"{\"id\":1e999,\"method\":\"ping\"}",
            "malformed",
            "does not fit",
        ),
        (
            b"{\"id\":1,\"method\":\"ping\",\"id\":2}",
            "malformed",
            "twice",
        ),
        (deep.as_bytes(), "malformed", "nesting"),
        (long.as_bytes(), "too-long", "1048576 bytes"),
        (
            b"{\"id\":1,\"method\":\"drop\"}",
            "unknown-method",
            "`drop`",
        ),
        (
            b"{\"id\":1,\"method\":\"ping\",\"now\":true}",
            "invalid",
            "`now`",
        ),
        (
            b"{\"id\":1,\"method\":\"show\",\"journal\":\"m\",\"event\":-1}",
            "invalid",
            "`event`",
        ),
    ];
    let mut sent = Vec::new();
    for (index, (line, _, _)) in cases.iter().enumerate() {
        sent.extend_from_slice(line);
        sent.extend_from_slice(
            format!("\n{{\"id\":\"p{index}\",\"method\":\"ping\"}}\n").as_bytes(),
        );
    }
    sent.extend_from_slice(b"{\"id\":1,\"method\":\"ping\"}");
    let answers = answers(lab.stream(), &sent);
    assert_eq!(answers.len(), 2 * cases.len() + 1);
    for (index, (line, code, reason)) in cases.iter().enumerate() {
        let shown: String = String::from_utf8_lossy(line).chars().take(60).collect();
        let error = &answers[2 * index];
        assert_eq!(
            (&error["ok"], &error["code"]),
            (&json!(false), &json!(code)),
            "{shown}"
        );
        assert!(
            error["reason"].as_str().unwrap().contains(reason),
            "{shown}: {error}"
        );
        let pong = &answers[2 * index + 1];
        assert_eq!(
            (&pong["ok"], &pong["id"]),
            (&json!(true), &json!(format!("p{index}")))
        );
    }
    // A line without a break is no request, even if it looks like one.
    assert_eq!(answers.last().unwrap()["code"], "malformed");
}

#[test]
fn an_id_is_in_use_until_its_answer() {
    let lab = Lab::new();
    let _daemon = lab.start();
    let mut stream = lab.stream();
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    writeln!(stream, r#"{{"id":1,"method":"follow","journal":"m"}}"#).unwrap();
    assert_eq!(next(), json!({"id": 1, "ack": {"journal": "m", "next": 0}}));
    writeln!(stream, r#"{{"id":1,"method":"ping"}}"#).unwrap();
    assert_eq!(next()["code"], "id-in-use");
    writeln!(stream, r#"{{"id":2,"method":"cancel","request":1}}"#).unwrap();
    let two = [next(), next()];
    let cancelled = two.iter().find(|answer| answer["id"] == 1).unwrap();
    assert_eq!(cancelled["code"], "cancelled");
    writeln!(stream, r#"{{"id":1,"method":"ping"}}"#).unwrap();
    assert_eq!(next()["ok"], true);
}

/// Numbers that look random, from a seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap() % bound
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }
}

/// Lines of all sorts: good ones, good ones with a few bytes changed, and noise.
fn noise(chance: &mut Chance) -> Vec<u8> {
    const GOOD: [&str; 6] = [
        r#"{"id":1,"method":"ping"}"#,
        r#"{"id":"a","method":"list"}"#,
        r#"{"id":-3,"method":"show","journal":"m","event":0}"#,
        r#"{"id":4,"method":"append","journal":"m","drafts":[{"type":"t","payload":{"x":[1,0.5]}}]}"#,
        r#"{"id":5,"method":"hello","protocol":1}"#,
        r#"{"id":6,"method":"follow","journal":"m","limit":0,"since":0}"#,
    ];
    let mut line = match chance.below(8) {
        0 => (0..chance.below(400))
            .map(|_| chance.below(256) as u8)
            .collect(),
        1 => vec![*chance.pick(b"[{\"9 \x00\xff"); chance.below(5000)],
        _ => chance.pick(&GOOD).as_bytes().to_vec(),
    };
    for _ in 0..chance.below(4) {
        let at = chance.below(line.len().max(1));
        match chance.below(3) {
            0 if !line.is_empty() => line[at] = chance.below(256) as u8,
            1 if !line.is_empty() => drop(line.remove(at)),
            _ => line.insert(at.min(line.len()), *chance.pick(b"{}[]\",:1e-\n\\u")),
        }
    }
    line.push(b'\n');
    line
}

#[test]
fn noise_is_answered_line_by_line() {
    let lab = Lab::new();
    let _daemon = lab.start();
    for seed in 1..=20_u64 {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut sent: Vec<u8> = (0..200).flat_map(|_| noise(&mut chance)).collect();
        sent.extend_from_slice(b"{\"id\":\"last\",\"method\":\"ping\"}\n");
        // What a reader of the specification would expect: an answer for each line that is not blank.
        let mut framer = Framer::new();
        framer.feed(&sent);
        let (mut lines, mut refused) = (0, 0);
        while let Some(line) = framer.next_line() {
            lines += 1;
            let request = line.map_err(|_| Code::Malformed);
            let request = request.and_then(|line| Request::read(&line).map_err(|r| r.code));
            refused += usize::from(request.is_err());
        }
        let answers = answers(lab.stream(), &sent);
        let last = answers.iter().find(|answer| answer["id"] == "last");
        assert_eq!(last.unwrap()["ok"], true, "seed {seed}");
        let ends = answers
            .iter()
            .filter(|answer| !answer["ok"].is_null())
            .count();
        assert_eq!(ends, lines, "seed {seed}");
        let errors = answers
            .iter()
            .filter(|answer| answer["ok"] == false)
            .count();
        assert!(
            errors >= refused,
            "seed {seed}: {errors} errors, {refused} expected"
        );
    }
    lab.verify("m");
}
