//! Documents whose shell sessions are run: what they show is what happens.
//!
//! In a block marked `console`, a line that begins with `$ ` is typed (`> ` continues it) and what
//! follows is what it prints, standard error included. A command that fails is followed by `$ echo
//! $?`. Identifiers and times vary from run to run: they are shown as they once were, and must be
//! alike, each the same wherever it was the same. `[..]` stands for anything on a line, and `...`
//! for any lines.
//!
//! With `UPDATE_EXPECT=1` what a document shows is written anew.

mod compare;
mod document;

use std::fs;
use std::path::{Path, PathBuf};

use self::compare::Bindings;
use self::document::{Document, Step};
use crate::lab::{Lab, Ran};

/// Run every session of a document in `lab`; says what is not as it is shown.
pub(crate) fn replay(path: &Path, lab: &Lab) -> Result<usize, String> {
    let mut document = Document::read(path);
    let mut session = Session {
        lab,
        folder: lab.work(),
        code: 0,
        bindings: Bindings::default(),
    };
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = Vec::new();
    let count = document.steps.len();
    for index in 0..count {
        let asked = document
            .steps
            .get(index + 1)
            .is_some_and(Step::asks_for_the_code);
        let step = &mut document.steps[index];
        let printed = session.run(step);
        if let Err(why) = session.bindings.compare(&step.shown, &printed) {
            let (line, typed) = (step.line, &step.typed);
            wrong.push(format!("{}:{line}: $ {typed}\n{why}", path.display()));
            step.shown = session.bindings.as_shown(&printed);
            // What is shown from here on is this run's, and is known by what it is now shown as.
            let _ = session.bindings.compare(&step.shown, &printed);
        }
        if session.code != 0 && !asked {
            let (line, code) = (step.line, session.code);
            wrong.push(format!(
                "{}:{line}: ends with {code}, unasked:\n{}",
                path.display(),
                printed.join("\n")
            ));
        }
    }
    if update && !wrong.is_empty() {
        fs::write(path, document.write()).unwrap();
    }
    if wrong.is_empty() {
        Ok(count)
    } else {
        Err(wrong.join("\n"))
    }
}

/// Run what guides say to type, one guide after the other, of which they show no output; says which
/// command does not succeed.
///
/// `<id>` is the experiment that was run last, `<repo-id>` the repository, `<url>` a bare repository
/// that the lab has at `~/server.git`. A block after a comment
/// that begins with `not run` is left out.
pub(crate) fn follow(paths: &[PathBuf], lab: &Lab) -> Result<usize, String> {
    let mut guide = Guide::begin(lab, lab.work());
    for path in paths {
        for step in &Document::read(path).steps {
            guide.type_in(path, (step.line, &step.typed))?;
        }
    }
    Ok(guide.count)
}

/// Run what a document for beginners says to type in `folder`, line by line as it stands there: the
/// blocks without a language that begin with a command.
pub(crate) fn type_blocks(path: &Path, folder: &Path, lab: &Lab) -> Result<usize, String> {
    const COMMANDS: [&str; 4] = ["git ", "gatos ", "nix ", "mkdir "];
    let text = fs::read_to_string(path).unwrap();
    let mut guide = Guide::begin(lab, folder.to_owned());
    let (mut inside, mut typed) = (false, false);
    for (number, line) in (1..).zip(text.lines()) {
        if line.starts_with("```") {
            inside = !inside;
            typed = false;
        } else if inside
            && !line.is_empty()
            && (typed || COMMANDS.iter().any(|command| line.starts_with(command)))
        {
            typed = true;
            guide.type_in(path, (number, line))?;
        }
    }
    Ok(guide.count)
}

/// Somebody who types what a guide says.
struct Guide<'l> {
    session: Session<'l>,
    experiment: String,
    count: usize,
}

impl<'l> Guide<'l> {
    fn begin(lab: &'l Lab, folder: PathBuf) -> Self {
        let session = Session {
            lab,
            folder,
            code: 0,
            bindings: Bindings::default(),
        };
        Self {
            session,
            experiment: String::new(),
            count: 0,
        }
    }

    fn type_in(&mut self, path: &Path, (line, typed): (usize, &str)) -> Result<(), String> {
        let typed = typed.replace("<id>", &self.experiment);
        let typed = typed.replace("<repo-id>", "$(gatos status --quiet)");
        let typed = typed.replace("<url>", "$HOME/server.git");
        let printed = self.session.type_in(&typed);
        if self.session.code != 0 {
            let (code, shown, said) = (self.session.code, path.display(), printed.join("\n"));
            return Err(format!(
                "{shown}:{line}: $ {typed}\n{said}\nends with {code}"
            ));
        }
        let run = printed
            .iter()
            .find_map(|line| line.strip_prefix("experiment "));
        if let (true, Some(run)) = (typed.starts_with("gatos run"), run) {
            run.split_whitespace()
                .last()
                .unwrap_or_default()
                .clone_into(&mut self.experiment);
        }
        self.count += 1;
        Ok(())
    }
}

/// A shell, as far as it goes from one command to the next.
struct Session<'l> {
    lab: &'l Lab,
    folder: PathBuf,
    code: i32,
    bindings: Bindings,
}

impl Session<'_> {
    fn run(&mut self, step: &Step) -> Vec<String> {
        let typed = self.bindings.as_happened(&step.typed);
        self.type_in(&typed)
    }

    fn type_in(&mut self, typed: &str) -> Vec<String> {
        let state = self.lab.path("tmp/folder");
        let script = format!(
            "exec 2>&1\n(exit {})\n{}\ncode=$?; pwd -P > '{}'; exit $code",
            self.code,
            typed,
            state.display(),
        );
        let ran = Ran::of(self.lab.shell(&script, &self.folder).output().unwrap());
        self.code = ran.code;
        self.folder = PathBuf::from(fs::read_to_string(&state).unwrap_or_default().trim());
        let home = self.lab.path("home");
        let printed = ran.out.replace(&*home.to_string_lossy(), "/home/alice");
        printed.lines().map(str::to_owned).collect()
    }
}
