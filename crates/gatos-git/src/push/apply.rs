//! Applying every update of a push in one transaction of Git's own, under locks that it holds.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::{ApplyError, RefUpdate};
use crate::name::RefName;
use crate::object::ObjectId;
use crate::repository::Repository;
use crate::transaction::{Batch, SyncFailure};

/// Most files that are open at once while they are synchronised.
const MAX_OPEN: usize = 200;
/// Longest message of Git that is passed on, in characters.
const MAX_SAID_CHARS: usize = 300;

/// A variable for the hooks that Git runs while it applies the updates.
pub type Reported<'a> = (&'static str, &'a str);

/// Move every ref, or none: each from where the update says it is, provided that the refs in
/// `unmoved` are still where they were; all of them are locked before the first one moves.
///
/// This is `git update-ref --stdin`, so that reflogs and the hook `reference-transaction` are as for
/// any other command of Git. What Git does not do is done in between: the new values are on the disk
/// before any ref moves, and the folders of the refs before this returns. Git would wait for the disk
/// once for each new value; it is told not to, since all of them are waited for together.
///
/// # Errors
/// [`ApplyError`]: a ref is not where it was said to be, cannot be locked, or a hook refuses.
pub fn apply_updates(
    repository: &Repository,
    updates: &[RefUpdate],
    unmoved: &[(RefName, Option<ObjectId>)],
    variable: Reported<'_>,
) -> Result<(), ApplyError> {
    let start = |source| ApplyError::Start { source };
    let mut child = git(repository)
        .args(waiting(updates))
        .args(["update-ref", "--stdin", "-m", "push"])
        .env(variable.0, variable.1)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(start)?;
    let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(start(io::ErrorKind::BrokenPipe.into()));
    };
    let mut talk = Talk {
        input,
        output: BufReader::new(output),
    };
    let script = script(repository, updates, unmoved);
    let settled = match talk.say(&script, "prepare: ok") {
        true => settle_values(repository, updates),
        false => Ok(()),
    };
    // Whoever hears nothing more gives up: no ref moves then.
    let moved = settled.is_ok() && talk.say("commit\n", "commit: ok");
    drop(talk);
    let said = last_words(child)?;
    settled.map_err(|SyncFailure { path, source }| ApplyError::Disk { path, source })?;
    if !moved {
        return Err(ApplyError::Refused { said });
    }
    settle_folders(repository, updates)
        .map_err(|SyncFailure { path, source }| ApplyError::Unconfirmed { path, source })
}

/// Whether Git itself waits for the disk. If it deletes something it does, as it is set: then it may
/// write all packed refs anew, in a file that it names and moves as it likes.
fn waiting(updates: &[RefUpdate]) -> &'static [&'static str] {
    match updates.iter().any(|update| update.new.is_none()) {
        true => &[],
        false => &["-c", "core.fsync=none"],
    }
}

/// What Git is told up to the moment when every ref is locked.
fn script(
    repository: &Repository,
    updates: &[RefUpdate],
    unmoved: &[(RefName, Option<ObjectId>)],
) -> String {
    let zero = "0".repeat(repository.object_format().hex_len());
    let side = |id: Option<ObjectId>| id.map_or_else(|| zero.clone(), |id| id.to_string());
    let mut script = String::from("start\n");
    for (name, id) in unmoved {
        script.push_str(&format!("option no-deref\nverify {name} {}\n", side(*id)));
    }
    for RefUpdate { name, old, new } in updates {
        script.push_str("option no-deref\n");
        script.push_str(&match new {
            Some(new) => format!("update {name} {new} {}\n", side(*old)),
            None => format!("delete {name} {}\n", side(*old)),
        });
    }
    script.push_str("prepare\n");
    script
}

/// A conversation with `git update-ref --stdin`.
struct Talk {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Talk {
    /// Say something, and whether Git answers as expected before it ends.
    fn say(&mut self, text: &str, expected: &str) -> bool {
        if self.input.write_all(text.as_bytes()).is_err() || self.input.flush().is_err() {
            return false;
        }
        let mut line = String::new();
        loop {
            line.clear();
            match self.output.read_line(&mut line) {
                Ok(0) | Err(_) => return false,
                Ok(_) if line.trim_end() == expected => return true,
                Ok(_) => {}
            }
        }
    }
}

/// What Git said when it ended, on one line.
fn last_words(child: Child) -> Result<String, ApplyError> {
    let output = child
        .wait_with_output()
        .map_err(|source| ApplyError::Start { source })?;
    let said = String::from_utf8_lossy(&output.stderr);
    let lines = said.split(['\n', '\r']).map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    Ok(lines.join("; ").chars().take(MAX_SAID_CHARS).collect())
}

/// Wait until the new values, which lie in the locks, are on the disk.
fn settle_values(repository: &Repository, updates: &[RefUpdate]) -> Result<(), SyncFailure> {
    for part in updates.chunks(MAX_OPEN) {
        let mut batch = Batch::new(repository);
        for update in part.iter().filter(|update| update.new.is_some()) {
            let path = repository
                .common_dir()
                .join(format!("{}.lock", update.name));
            match File::open(&path) {
                Ok(file) => batch.file(file, &path),
                Err(source) => return Err(SyncFailure { path, source }),
            }
        }
        batch.wait()?;
    }
    Ok(())
}

/// Wait until the refs are where they are, also after a power failure.
fn settle_folders(repository: &Repository, updates: &[RefUpdate]) -> Result<(), SyncFailure> {
    let top = repository.common_dir();
    let mut folders: BTreeSet<PathBuf> = BTreeSet::from([top.to_owned()]);
    for update in updates {
        let path = top.join(update.name.as_str());
        let above = path.ancestors().skip(1);
        folders.extend(above.take_while(|path| *path != top).map(PathBuf::from));
    }
    let folders: Vec<PathBuf> = folders.into_iter().collect();
    for part in folders.chunks(MAX_OPEN) {
        let mut batch = Batch::new(repository);
        part.iter().for_each(|path| batch.directory(path));
        batch.wait()?;
    }
    Ok(())
}

/// Git in this repository, with no variable of Git's that somebody set.
pub(super) fn git(repository: &Repository) -> Command {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"GIT_") {
            command.env_remove(name);
        }
    }
    command
        .arg("--git-dir")
        .arg(repository.git_dir())
        .current_dir(repository.git_dir())
        .env("GIT_NO_REPLACE_OBJECTS", "1");
    command
}
