//! What *pre-receive* leaves for *proc-receive*: which updates were judged, and by which policy.
//!
//! A ticket is named after the process of Git's that runs both hooks, and used once. Without one that
//! fits, nothing is applied.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use gatos_git::{ObjectFormat, ObjectId, RefUpdate, read_updates};

use crate::error::{Context, Error, ErrorKind};

/// The first line of a ticket.
const HEAD: &str = "gatos ticket 1";
/// Largest ticket that is read, in bytes.
const MAX_BYTES: u64 = 32 << 20;

/// What was judged.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Ticket {
    /// Where the chain of policies was
    pub(super) policy: Option<ObjectId>,
    /// The folders of the object store that it was moved into
    pub(super) folders: BTreeSet<String>,
    /// Every update, by name
    pub(super) updates: BTreeSet<RefUpdate>,
}

/// The folder of everything that the gate keeps beside Git's own files.
pub(super) fn gate_folder(git: &gatos_git::Repository) -> PathBuf {
    git.common_dir().join("gatos/gate")
}

/// Where the ticket of a process lies.
pub(super) fn ticket_path(git: &gatos_git::Repository, process: u32) -> PathBuf {
    gate_folder(git).join(format!("tickets/{process}-{}", begun(process)))
}

/// When a process began, in ticks of the system; two processes of one number differ by it.
fn begun(process: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // What precedes the last parenthesis is the program's name, which may hold anything.
    let rest = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = rest.split_whitespace().nth(19);
    ticks.and_then(|text| text.parse().ok()).unwrap_or(0)
}

impl Ticket {
    /// Leave it at `path`.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub(super) fn leave(&self, path: &Path, format: ObjectFormat) -> Result<(), Error> {
        let cannot = || "the gate cannot leave a ticket".to_owned();
        let folder = path.parent().unwrap_or(path);
        fs::create_dir_all(folder).or_failed(cannot)?;
        let zero = "0".repeat(format.hex_len());
        let side = |id: &Option<ObjectId>| id.map_or_else(|| zero.clone(), |id| id.to_string());
        let folders: Vec<&str> = self.folders.iter().map(String::as_str).collect();
        let mut text = format!("{HEAD}\n{}\n{}\n", side(&self.policy), folders.join(" "));
        for update in &self.updates {
            let (old, new) = (side(&update.old), side(&update.new));
            text.push_str(&format!("{old} {new} {}\n", update.name));
        }
        let mut file = tempfile::NamedTempFile::new_in(folder).or_failed(cannot)?;
        file.write_all(text.as_bytes()).or_failed(cannot)?;
        file.persist(path).or_failed(cannot)?;
        Ok(())
    }

    /// Read the one at `path`; none where there is none.
    ///
    /// # Errors
    /// One that cannot be read or is damaged.
    pub(super) fn read(path: &Path, format: ObjectFormat) -> Result<Option<Self>, Error> {
        let damaged = || Error::new(ErrorKind::Failed, "the gate's ticket is damaged");
        match fs::metadata(path) {
            Ok(file) if file.len() <= MAX_BYTES => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            _ => return Err(damaged()),
        }
        let text = fs::read_to_string(path).or_failed(|| "cannot read a ticket".to_owned())?;
        let (head, rest) = text.split_once('\n').ok_or_else(damaged)?;
        let (policy, rest) = rest.split_once('\n').ok_or_else(damaged)?;
        let (folders, rest) = rest.split_once('\n').ok_or_else(damaged)?;
        let mut rest = rest.as_bytes();
        if head != HEAD || policy.len() != format.hex_len() {
            return Err(damaged());
        }
        let policy = match policy.bytes().all(|byte| byte == b'0') {
            true => None,
            false => Some(
                policy
                    .parse()
                    .or_failed(|| "the gate's ticket is damaged".to_owned())?,
            ),
        };
        let updates = read_updates(&mut rest, format)
            .or_failed(|| "the gate's ticket is damaged".to_owned())?;
        let folders = folders.split_whitespace().map(str::to_owned);
        Ok(Some(Self {
            policy,
            folders: folders.filter(|name| name.len() <= 4).collect(),
            updates: updates.into_iter().collect(),
        }))
    }
}

/// Remove tickets of processes that are gone.
pub(super) fn sweep(git: &gatos_git::Repository) {
    let Ok(entries) = fs::read_dir(gate_folder(git).join("tickets")) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let process = name.split('-').next().map(str::parse::<u32>);
        // What has no such name is a ticket that is being written.
        let Some(Ok(process)) = process else { continue };
        if ticket_path(git, process) != entry.path().with_extension("") {
            // Whoever is in the way will be met again next time.
            let _ = fs::remove_file(entry.path());
        }
    }
}
