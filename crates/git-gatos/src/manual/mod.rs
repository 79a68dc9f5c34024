//! The manual: a page for each command, from the same tree that reads what is typed.

pub(crate) mod completion;

use std::io;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};

use crate::arguments::Arguments;
use crate::failure::Exit;

/// How the list of examples begins in a help text.
const EXAMPLES: &str = "Examples:\n";

/// All pages, by file name. `git-gatos.1` is the one that `git gatos --help` asks for.
///
/// # Errors
/// Never: pages are written to memory.
pub(crate) fn pages() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut root = Arguments::command().name("git-gatos").bin_name("git gatos");
    root.build();
    let mut pages = vec![("gatos.1".to_owned(), b".so man1/git-gatos.1\n".to_vec())];
    add_pages(&root, None, &mut pages)?;
    Ok(pages)
}

fn add_pages(
    command: &Command,
    parent: Option<&str>,
    pages: &mut Vec<(String, Vec<u8>)>,
) -> io::Result<()> {
    let name = page_name(command);
    let children: Vec<&Command> = command
        .get_subcommands()
        .filter(|child| !child.is_hide_set())
        .collect();
    let mut see_also: Vec<String> = children.iter().map(|child| page_name(child)).collect();
    see_also.extend(parent.map(str::to_owned));
    pages.push((format!("{name}.1"), page(command, &see_also)?));
    for child in children {
        add_pages(child, Some(&name), pages)?;
    }
    Ok(())
}

fn page_name(command: &Command) -> String {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    name.replace(' ', "-")
}

/// One page. It has no date, so that the same program always has the same manual.
fn page(command: &Command, see_also: &[String]) -> io::Result<Vec<u8>> {
    let name = page_name(command);
    let man = Man::new(command.clone().display_name(&name));
    let mut page = Vec::new();
    let title = [
        &name.to_uppercase(),
        "1",
        "",
        concat!("gatos ", env!("CARGO_PKG_VERSION")),
        "GATOS Manual",
    ];
    // Quoted by hand: the library leaves the empty date out, and every field after it moves.
    let title = title.map(|field| format!("\"{}\"", field.replace('-', "\\-")));
    page.extend_from_slice(format!(".TH {}\n", title.join(" ")).as_bytes());
    man.render_name_section(&mut page)?;
    synopsis(command).to_writer(&mut page)?;
    man.render_description_section(&mut page)?;
    if command.get_subcommands().any(|child| !child.is_hide_set()) {
        man.render_subcommands_section(&mut page)?;
    }
    man.render_options_section(&mut page)?;
    if let Some(examples) = command.get_after_long_help() {
        let examples = examples.to_string();
        literal("EXAMPLES", examples.trim_start_matches(EXAMPLES)).to_writer(&mut page)?;
    }
    exit_status().to_writer(&mut page)?;
    references(see_also).to_writer(&mut page)?;
    Ok(page)
}

fn synopsis(command: &Command) -> Roff {
    let usage = command.clone().render_usage().to_string();
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    roff.control("nf", []);
    for line in usage.trim_start_matches("Usage:").lines() {
        roff.text([bold(line.trim_start())]);
    }
    roff.control("fi", []);
    roff
}

fn literal(title: &str, text: &str) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    roff.control("nf", []);
    for line in text.lines() {
        roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
    }
    roff.control("fi", []);
    roff
}

fn exit_status() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    for (exit, meaning) in Exit::ALL {
        roff.control("TP", ["4"]);
        roff.text([bold(exit.code().to_string())]);
        roff.text([roman(meaning)]);
    }
    roff
}

fn references(names: &[String]) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]);
    let mut line: Vec<Inline> = Vec::new();
    for name in names {
        let comma = if line.is_empty() { "" } else { ", " };
        line.extend([roman(comma), bold(name), roman("(1)")]);
    }
    roff.text(line);
    roff
}
