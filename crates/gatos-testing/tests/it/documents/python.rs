//! Running the programs in documents, in Python.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Runs the program once for each line, as if the line, which is in hexadecimal, were its file, and says
/// what each run printed.
const DRIVER: &str = r#"
import io, sys
program, lines = open(sys.argv[1]).read(), sys.stdin.read().splitlines()
for line in lines:
    said, data = [], bytes.fromhex(line)
    file = lambda _, mode="r": io.BytesIO(data) if "b" in mode else io.StringIO(data.decode())
    try:
        exec(program, {"open": file, "print": said.append})
        print(" ".join(said))
    except (AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        print("refused")
"#;

/// The one program in a document.
pub(super) fn program(document: &str) -> String {
    let page = super::page::read(document);
    let blocks = super::page::blocks(&page);
    let blocks: Vec<_> = blocks
        .iter()
        .filter(|block| block.language == "python")
        .collect();
    assert_eq!(blocks.len(), 1);
    blocks[0].lines.join("\n")
}

/// What a program prints of each file; `refused` where it ends with an error.
pub(super) fn run(program: &str, files: &[Vec<u8>]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("verifier.py");
    std::fs::write(&file, program).unwrap();
    let mut child = Command::new("python3")
        .args(["-c", DRIVER])
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = String::new();
    for file in files {
        for byte in file {
            write!(lines, "{byte:02x}").unwrap();
        }
        lines.push('\n');
    }
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}
