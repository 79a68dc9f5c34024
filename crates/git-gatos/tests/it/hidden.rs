//! No secret in anything that is printed or written: the key is looked for in all of it.

use std::fs;
use std::path::Path;

use crate::lab::Lab;

/// Commands that read, use or show a key, and some that fail.
const COMMANDS: [&str; 40] = [
    "gatos init --actor alice",
    "gatos init --actor alice",
    "gatos key show",
    "gatos --json key show",
    "gatos key show",
    "gatos status",
    "gatos --json status",
    "gatos trust show",
    "gatos --json trust show",
    "gatos profile show",
    "gatos --json profile show",
    "gatos event append log --type t '{\"n\":1}'",
    "gatos event append log --type t '{\"n\":2}'",
    "gatos --json event append log --type t '{\"n\":3}'",
    "gatos event append log --type t 'no json'",
    "gatos event append log --type t '{\"n\":0.1e-300}'",
    "gatos event append log --type t '{}' --key missing",
    "gatos event append log --type t '{}' --key broken",
    "gatos event append log --type t '{}' --key rows.csv",
    "gatos --json event append log --type t '{}' --key broken",
    "gatos event import rows.csv",
    "gatos --json event list log",
    "gatos event show log 0",
    "gatos --json event show log 0",
    "gatos event verify log",
    "gatos --json event verify log",
    "gatos event prove log 0 > proof",
    "gatos event check-proof proof",
    "gatos journal list",
    "gatos fold run count --journal log --program fold.lua",
    "gatos --json fold run count --journal log --program fold.lua",
    "gatos fold verify count",
    "gatos --json state show count",
    "gatos foldc fold.lua",
    "gatos lint fold.lua",
    "gatos log",
    "gatos --json log",
    "gatos experiment list",
    "gatos evidence pack nothing -o study.car",
    "gatos verify nothing",
];

/// The forms in which a secret of these bytes could stand somewhere.
fn forms(seed: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
    let upper = hex.to_ascii_uppercase();
    let listed: Vec<_> = seed.iter().map(u8::to_string).collect();
    let mut forms = vec![
        seed.to_vec(),
        hex.into_bytes(),
        upper.into_bytes(),
        listed.join(", ").into_bytes(),
    ];
    // Base64 at each of three offsets: the digits that depend on the secret alone.
    for offset in 0..3 {
        let padded = [&vec![0; offset], seed].concat();
        let text = base64(&padded);
        let begin = (offset * 8).div_ceil(6);
        let end = padded.len() * 8 / 6;
        forms.push(text.as_bytes()[begin..end].to_vec());
    }
    forms
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    (0..(bytes.len() * 8).div_ceil(6))
        .map(|digit| (0..6).fold(0, |value, at| value << 1 | bit(digit * 6 + at)))
        .map(|value| char::from(DIGITS[usize::from(value)]))
        .collect()
}

fn unbase64(text: &str) -> Vec<u8> {
    let digit = |c: char| base64_value(c);
    let bits: Vec<u8> = text
        .chars()
        .filter_map(digit)
        .flat_map(|value| (0..6).rev().map(move |at| value >> at & 1))
        .collect();
    bits.chunks_exact(8)
        .map(|byte| byte.iter().fold(0, |value, bit| value << 1 | bit))
        .collect()
}

fn base64_value(c: char) -> Option<u8> {
    match c {
        'A'..='Z' => Some(c as u8 - b'A'),
        'a'..='z' => Some(c as u8 - b'a' + 26),
        '0'..='9' => Some(c as u8 - b'0' + 52),
        '+' => Some(62),
        '/' => Some(63),
        _ => None,
    }
}

/// The seed in an OpenSSH key file: it stands before the public key's second copy.
fn seed(file: &Path) -> Vec<u8> {
    let text = fs::read_to_string(file).unwrap();
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    let bytes = unbase64(&body);
    let kind = b"ssh-ed25519";
    let at = bytes
        .windows(kind.len())
        .position(|found| found == kind)
        .unwrap()
        + kind.len()
        + 4;
    let public = &bytes[at..at + 32];
    let last = bytes
        .windows(32)
        .rposition(|found| found == public)
        .unwrap();
    bytes[last - 32..last].to_vec()
}

fn holds(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|found| found == needle)
}

fn all_files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            all_files(&path, found);
        } else if let Ok(bytes) = fs::read(&path) {
            found.push((path.display().to_string(), bytes));
        }
    }
}

#[test]
fn b34_no_command_shows_or_stores_the_secret_key() {
    let lab = Lab::new();
    lab.ok("git init --quiet .");
    lab.write("rows.csv", "n\n1\n2\n");
    lab.write(
        "fold.lua",
        "function fold(state, event) state.n = event.payload.n return state end\n",
    );
    let key = lab.path("home/.ssh/id_ed25519");
    let forms = forms(&seed(&key));
    // A key file that is cut in the middle of the secret.
    let text = fs::read_to_string(&key).unwrap();
    lab.write("broken", &text[..text.len() * 3 / 4]);
    let leaks = |what: &str, bytes: &[u8]| {
        for form in &forms {
            assert!(!holds(bytes, form), "the secret stands in {what}");
        }
    };
    let (mut worked, mut failed) = (0, 0);
    for command in COMMANDS {
        let ran = lab.run(&format!(
            "export RUST_BACKTRACE=1 RUST_LOG=trace; {command}"
        ));
        leaks(
            &format!("standard output of `{command}`"),
            ran.out.as_bytes(),
        );
        leaks(
            &format!("standard error of `{command}`"),
            ran.err.as_bytes(),
        );
        *(if ran.code == 0 {
            &mut worked
        } else {
            &mut failed
        }) += 1;
    }
    assert!(
        worked >= 20 && failed >= 5,
        "{worked} worked, {failed} failed"
    );
    // Whatever Git keeps, compressed or not.
    lab.ok("git cat-file --batch-all-objects --batch > objects");
    let mut files = Vec::new();
    all_files(&lab.work(), &mut files);
    all_files(&lab.path("tmp"), &mut files);
    assert!(files.len() > 20);
    for (name, bytes) in files.iter().filter(|(name, _)| !name.ends_with("/broken")) {
        leaks(name, bytes);
    }
}

/// The search finds the key where it is.
#[test]
fn b34n_the_search_finds_a_key_in_each_form() {
    let lab = Lab::new();
    let key = lab.path("home/.ssh/id_ed25519");
    let seed = seed(&key);
    let forms = forms(&seed);
    let found = |text: &[u8]| forms.iter().any(|form| holds(text, form));
    let file: String = fs::read_to_string(&key).unwrap().lines().collect();
    assert!(found(file.as_bytes()), "the key's own file");
    assert!(found(format!("{seed:?}").as_bytes()));
    assert!(found(format!("seed={}", base64(&seed)).as_bytes()));
    assert!(!found(b"nothing"));
}
