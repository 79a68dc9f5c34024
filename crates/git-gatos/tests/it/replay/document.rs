//! A Markdown document, and the steps of its sessions.

use std::fs;
use std::path::Path;

/// A command as it is typed, and what it is shown to print.
#[derive(Debug)]
pub(crate) struct Step {
    /// Its line in the document, from 1
    pub(crate) line: usize,
    /// The command
    pub(crate) typed: String,
    /// What is shown
    pub(crate) shown: Vec<String>,
}

impl Step {
    /// Whether it asks how the command before it ended.
    pub(crate) fn asks_for_the_code(&self) -> bool {
        self.typed == "echo $?"
    }
}

/// A document in pieces: its text, with the steps taken out.
#[derive(Debug)]
pub(crate) struct Document {
    pieces: Vec<Piece>,
    /// The steps in order
    pub(crate) steps: Vec<Step>,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Step,
}

impl Document {
    /// Read a document.
    pub(crate) fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Self::parse(&text)
    }

    fn parse(text: &str) -> Self {
        let mut document = Self {
            pieces: Vec::new(),
            steps: Vec::new(),
        };
        let mut inside = false;
        let mut continues = false;
        let mut skipped = false;
        for (number, line) in (1..).zip(text.lines()) {
            if line.starts_with("```") {
                inside = !inside && line == "```console" && !skipped;
                skipped = false;
                document.pieces.push(Piece::Text(line.to_owned()));
            } else if let (true, Some(typed)) = (inside, line.strip_prefix("$ ")) {
                let (line, typed) = (number, typed.to_owned());
                document.steps.push(Step {
                    line,
                    typed,
                    shown: Vec::new(),
                });
                document.pieces.push(Piece::Step);
                continues = true;
            } else if let (true, Some(step)) = (inside, document.steps.last_mut()) {
                match line.strip_prefix("> ").or((line == ">").then_some("")) {
                    Some(more) if continues => {
                        step.typed.push('\n');
                        step.typed.push_str(more);
                    }
                    _ => {
                        continues = false;
                        step.shown.push(line.to_owned());
                    }
                }
            } else {
                skipped = line.starts_with("<!-- not run");
                document.pieces.push(Piece::Text(line.to_owned()));
            }
        }
        document
    }

    /// The document's text.
    pub(crate) fn write(&self) -> String {
        let mut steps = self.steps.iter();
        let mut text = String::new();
        let mut put = |line: &str| {
            text.push_str(line.trim_end());
            text.push('\n');
        };
        for piece in &self.pieces {
            match (
                piece,
                matches!(piece, Piece::Step).then(|| steps.next()).flatten(),
            ) {
                (Piece::Text(line), _) => put(line),
                (Piece::Step, Some(step)) => {
                    for (index, line) in step.typed.split('\n').enumerate() {
                        put(&format!("{} {line}", if index == 0 { "$" } else { ">" }));
                    }
                    step.shown.iter().for_each(|line| put(line));
                }
                (Piece::Step, None) => {}
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    //! Unit tests of documents.

    use super::Document;

    #[test]
    fn a_document_is_written_as_it_was_read() {
        let text = "# A\n\n```console\n$ cat <<E\n> a\n>\n> b\n> E\na\n\nb\n$ false\n$ echo $?\n1\n```\n\n```lua\n$ x\n```\n";
        let document = Document::parse(text);
        assert_eq!(document.steps.len(), 3);
        assert_eq!(document.steps[0].typed, "cat <<E\na\n\nb\nE");
        assert_eq!(document.steps[0].shown, ["a", "", "b"]);
        assert!(document.steps[2].asks_for_the_code());
        assert_eq!(document.write(), text);
    }
}
