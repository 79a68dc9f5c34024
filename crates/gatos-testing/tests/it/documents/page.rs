//! A document in pieces: its fenced blocks, and what is typed in them.

use std::fs;
use std::path::Path;

/// A fenced block.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// What follows the opening fence
    pub(super) language: String,
    /// Number of its first line, from 1
    pub(super) first: usize,
    pub(super) lines: Vec<String>,
}

/// One thing that is typed: the lines after `$ `, and those after `> ` that go on with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Number of its first line, from 1
    pub(super) line: usize,
    pub(super) typed: String,
}

/// The text of a document, by its path from the root.
pub(super) fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The fenced blocks of a document.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in (1..).zip(text.lines()) {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => blocks.push(block),
            (Some(language), None) => {
                open = Some(Block {
                    language: language.to_owned(),
                    first: number + 1,
                    lines: Vec::new(),
                });
            }
            (None, Some(mut block)) => {
                block.lines.push(line.to_owned());
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence that does not end");
    blocks
}

impl Block {
    /// What is typed in it; the rest is what is answered.
    pub(super) fn steps(&self) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for (line, text) in (self.first..).zip(&self.lines) {
            if let Some(typed) = text.strip_prefix("$ ") {
                let typed = without_comment(typed).to_owned();
                steps.push(Step { line, typed });
            } else if let (Some(more), Some(step)) = (text.strip_prefix("> "), steps.last_mut()) {
                step.typed.push('\n');
                step.typed.push_str(more);
            }
        }
        steps
    }
}

/// A comment begins after at least two spaces, so that `#` in an argument is none.
fn without_comment(typed: &str) -> &str {
    typed
        .split_once("  #")
        .map_or(typed, |(command, _)| command)
        .trim_end()
}

#[test]
fn a_document_is_taken_apart() {
    let text = "a\n```console\n$ gatos x  # why\nanswer\n$ cat <<E\n> 1 # 2\n> E\n```\n";
    let found = blocks(text);
    assert_eq!((found.len(), found[0].first), (1, 3));
    let step = |line, typed: &str| Step {
        line,
        typed: typed.to_owned(),
    };
    assert_eq!(
        found[0].steps(),
        [step(3, "gatos x"), step(5, "cat <<E\n1 # 2\nE")]
    );
}
