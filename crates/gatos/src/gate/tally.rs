//! How many refusals there were since a push was last accepted: what keeps a flood of them small.
//!
//! The first refusals are recorded one by one. After that, only every refusal whose number is a power of
//! two is, and it says for how many it stands. Nothing here depends on a clock.

use std::fs::{self, File};
use std::io::{Seek as _, Write as _};
use std::path::PathBuf;

use rustix::fs::{FlockOperation, flock};

use super::ticket::gate_folder;
use crate::error::{Context, Error};

/// Refusals that are recorded one by one.
pub(super) const EACH: u64 = 100;

/// The tally of a repository, locked until it is dropped.
pub(super) struct Tally {
    file: File,
    path: PathBuf,
    refused: u64,
}

/// Whether a refusal is recorded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Turn {
    /// Yes, for this many
    Record(u64),
    /// No: it is the one of this number
    Count(u64),
}

/// What becomes of the refusal of this number, from 1.
pub(super) const fn turn(number: u64) -> Turn {
    if number <= EACH {
        return Turn::Record(1);
    }
    let beyond = number - EACH;
    if beyond.is_power_of_two() {
        // 1 for the first and the second, then half of what there is.
        let half = beyond / 2;
        Turn::Record(if half == 0 { 1 } else { half })
    } else {
        Turn::Count(number)
    }
}

impl Tally {
    /// Take it.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub(super) fn take(git: &gatos_git::Repository) -> Result<Self, Error> {
        let folder = gate_folder(git);
        let path = folder.join("tally");
        let cannot = || format!("cannot take `{}`", path.display());
        fs::create_dir_all(&folder).or_failed(cannot)?;
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .or_failed(cannot)?;
        flock(&file, FlockOperation::LockExclusive).or_failed(cannot)?;
        let text = std::io::read_to_string(&file).or_failed(cannot)?;
        // A tally that cannot be read is full: it is what an attacker would have it not be.
        let refused = match text.trim() {
            "" => 0,
            text => text.parse().unwrap_or(EACH),
        };
        Ok(Self {
            file,
            path,
            refused,
        })
    }

    /// Count one more refusal.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn count(&mut self) -> Result<Turn, Error> {
        self.refused = self.refused.saturating_add(1);
        self.write()?;
        Ok(turn(self.refused))
    }

    /// Begin again, since a push was accepted.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn clear(&mut self) -> Result<(), Error> {
        if self.refused == 0 {
            return Ok(());
        }
        self.refused = 0;
        self.write()
    }

    fn write(&mut self) -> Result<(), Error> {
        let text = format!("{}\n", self.refused);
        let path = &self.path;
        let cannot = || format!("cannot write `{}`", path.display());
        self.file.rewind().or_failed(cannot)?;
        self.file.write_all(text.as_bytes()).or_failed(cannot)?;
        self.file.set_len(text.len() as u64).or_failed(cannot)
    }
}

#[cfg(test)]
mod tests {
    use super::{EACH, Turn, turn};

    #[test]
    fn a_million_refusals_leave_few_records_that_stand_for_nearly_all() {
        let (mut records, mut stood_for) = (0, 0);
        for number in 1..=1_000_000 {
            if let Turn::Record(count) = turn(number) {
                records += 1;
                stood_for += count;
            }
            assert!(stood_for <= number, "{number}");
            assert!(stood_for * 2 >= number, "{number}");
        }
        assert_eq!(records, EACH + 20);
    }
}
