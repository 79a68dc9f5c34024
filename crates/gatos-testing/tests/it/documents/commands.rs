//! Every command that a document or a message names exists, with every option that stands beside it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::lab::Lab;
use super::page::blocks;
use crate::tidy::{File, Tree, prose};

/// A command as somebody wrote it, and where.
#[derive(Debug)]
struct Mention {
    place: String,
    text: String,
}

/// The help texts of the program, each asked for once.
struct Manual {
    lab: Lab,
    pages: BTreeMap<Vec<String>, String>,
}

impl Manual {
    fn new() -> Self {
        Self {
            lab: Lab::new(),
            pages: BTreeMap::new(),
        }
    }

    fn page(&mut self, command: &[String]) -> &str {
        if !self.pages.contains_key(command) {
            let script = format!("gatos {} --help", command.join(" "));
            let ran = self.lab.run(&self.lab.home(), &script);
            assert_eq!(ran.code, 0, "{script}: {}", ran.err);
            self.pages.insert(command.to_vec(), ran.out);
        }
        &self.pages[command]
    }

    /// What can be typed after `command`, as its help lists it.
    fn subcommands(&mut self, command: &[String]) -> Vec<String> {
        let page = self.page(command);
        let list = page.split_once("Commands:\n").map_or("", |(_, rest)| rest);
        let lines = list
            .lines()
            .take_while(|line| line.is_empty() || line.starts_with(' '));
        let name = |line: &str| {
            let line = line.strip_prefix("  ")?;
            let word = line.split_whitespace().next()?;
            (!line.starts_with(' ')).then(|| word.to_owned())
        };
        lines.filter_map(name).collect()
    }

    /// What is wrong with the words after the program's name.
    fn problem(&mut self, words: &[&str]) -> Option<String> {
        let mut command = Vec::new();
        let mut rest = words;
        while let [word, others @ ..] = rest {
            let known = self.subcommands(&command);
            if known.iter().any(|name| name == word) {
                command.push((*word).to_owned());
                rest = others;
            } else if !known.is_empty() && is_plain(word) {
                return Some(format!("there is no command `{word}`"));
            } else {
                break;
            }
        }
        let page = self.page(&command).to_owned();
        let options = rest.iter().filter(|word| word.starts_with('-'));
        options
            .map(|word| word.split('=').next().unwrap_or(word))
            .find(|option| option.len() > 1 && *option != "--" && !has_option(&page, option))
            .map(|option| format!("`{}` has no option `{option}`", command.join(" ")))
    }
}

/// Whether a word can only be the name of a command.
fn is_plain(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-')
}

fn has_option(page: &str, option: &str) -> bool {
    page.lines().any(|line| {
        let line = line.trim_start();
        let mut names = line.split([' ', ',', '=']).filter(|name| !name.is_empty());
        line.starts_with('-') && names.by_ref().take(2).any(|name| name == option)
    })
}

/// What is typed in console blocks, and what stands in backticks in documents and in sources (messages are
/// there), as far as it begins with `program`.
fn mentions(tree: &Tree, program: &str) -> Vec<Mention> {
    let mut found = Vec::new();
    for file in tree
        .files
        .iter()
        .filter(|file| is_read_by_people(&file.path))
    {
        let mut add = |line: usize, text: &str| {
            for part in text
                .split("&&")
                .flat_map(|part| part.split([';', '|', '\n']))
            {
                let part = part
                    .trim()
                    .trim_start_matches("id=$(")
                    .trim_end_matches(')');
                let part = part.strip_prefix("git ").unwrap_or(part);
                if let Some(rest) = part.strip_prefix(program)
                    && (rest.is_empty() || rest.starts_with(' '))
                {
                    let place = format!("{}:{line}", file.path);
                    let text = rest.trim().to_owned();
                    found.push(Mention { place, text });
                }
            }
        };
        in_backticks(file, &mut add);
        if file.path.ends_with(".md") {
            in_blocks(file, &mut add);
        }
    }
    found
}

/// Documents, and sources whose messages tell people what to type. The pages of the command line show mistakes
/// on purpose, and their own test runs them.
fn is_read_by_people(path: &str) -> bool {
    let source = [".rs", ".nix", ".sh"]
        .iter()
        .any(|ending| path.ends_with(ending));
    let document = path.ends_with(".md") && !path.starts_with("docs/cli/");
    // What packagers call is hidden from everybody else's help.
    let hidden = path.contains("/commands/generate/");
    let test = path.contains("/tests/") || path.ends_with("/tests.rs");
    document || (source && !test && !hidden)
}

fn in_blocks(file: &File, add: &mut impl FnMut(usize, &str)) {
    for block in blocks(&file.text) {
        if block.language == "console" {
            block
                .steps()
                .iter()
                .for_each(|step| add(step.line, &step.typed));
        } else if block.language.is_empty() {
            let lines = (block.first..).zip(&block.lines);
            lines.for_each(|(line, text)| add(line, text.split("  #").next().unwrap_or(text)));
        }
    }
}

fn in_backticks(file: &File, add: &mut impl FnMut(usize, &str)) {
    for (number, line) in prose(file) {
        // A span may go on in the next line; a line alone cannot tell what is inside then.
        if line.matches('`').count() % 2 == 0 {
            line.split('`')
                .skip(1)
                .step_by(2)
                .for_each(|text| add(number, text));
        }
    }
}

#[test]
fn every_command_that_a_document_or_message_names_exists() {
    let mut manual = Manual::new();
    let mentions = mentions(Tree::checkout(), "gatos");
    assert!(mentions.len() >= 100, "{} mentions", mentions.len());
    let mut report = String::new();
    for Mention { place, text } in &mentions {
        let words: Vec<&str> = text.split_whitespace().collect();
        if let Some(problem) = manual.problem(&words) {
            writeln!(report, "{place}: `gatos {text}`: {problem}").unwrap();
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

/// Read from the source: cargo does not build the developers' tool for tests.
#[test]
fn every_command_for_developers_that_a_document_names_exists() {
    let tree = Tree::checkout();
    let source = tree.text("crates/xtask/src/main.rs");
    let list = source
        .split_once("enum Command {")
        .map_or("", |(_, rest)| rest);
    let variants = list
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with(' '));
    let names: Vec<String> = variants
        .filter_map(|line| Some(line.trim().split_once('(')?.0.to_ascii_lowercase()))
        .collect();
    assert!(names.iter().any(|name| name == "demo"), "{names:?}");
    let mentions = mentions(tree, "cargo xtask");
    assert!(mentions.len() >= 10, "{} mentions", mentions.len());
    for Mention { place, text } in mentions {
        let word = text.split_whitespace().next().unwrap_or_default();
        let exists = names.iter().any(|name| name == word);
        assert!(
            exists || word.is_empty() || word == "…",
            "{place}: `cargo xtask {text}`: there is no such command"
        );
    }
}

#[test]
fn a_command_that_does_not_exist_is_found() {
    let mut manual = Manual::new();
    for good in [
        "",
        "event list x --limit 5",
        "run .#a --allow-dirty",
        "verify <id>",
        "…",
    ] {
        let words: Vec<&str> = good.split_whitespace().collect();
        assert_eq!(manual.problem(&words), None, "{good}");
    }
    for bad in [
        "evnt list",
        "event lst x",
        "run --dirty",
        "event list x --limitless=5",
    ] {
        let words: Vec<&str> = bad.split_whitespace().collect();
        assert!(manual.problem(&words).is_some(), "{bad}");
    }
}
