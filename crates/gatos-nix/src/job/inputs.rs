//! What a job reads, hashed by us. `docs/spec/job.md#inputs_root`.

use std::collections::BTreeSet;

use gatos_core::job::{Item, ItemList};

use super::Job;
use crate::nar::WriteNarError;
use crate::nix::{AskNixError, Nix};
use crate::store_path::{Bytes, StorePath};

/// Why the inputs of a job cannot be vouched for.
#[derive(Debug, thiserror::Error)]
pub enum ReadInputsError {
    /// An input is not in the store
    #[error("the input `{path}` is not in the store")]
    Missing {
        /// Its path
        path: StorePath,
    },
    /// An input has other bytes than its name, or what is on record, says
    #[error(
        "the input `{path}` was altered in the store: `nix-store --repair-path {path}` may help"
    )]
    Altered {
        /// Its path
        path: StorePath,
    },
    /// An input cannot be hashed
    #[error("cannot hash an input")]
    Hash(#[from] WriteNarError),
    /// Nix could not be asked
    #[error(transparent)]
    Ask(#[from] AskNixError),
}

impl Job {
    /// Hash the inputs where they lie in the store that `nix` is asked about.
    ///
    /// An input that was added as it is has a name that follows from its bytes, and must have it.
    /// One that another derivation makes must have the hash that Nix has on record; it is there
    /// once the job was run.
    ///
    /// # Errors
    /// An input that is missing or was altered; Nix cannot be asked.
    pub fn read_inputs(&self, nix: &Nix) -> Result<ItemList, ReadInputsError> {
        let paths: BTreeSet<StorePath> = self.inputs.values().cloned().collect();
        let registered = nix.registrations(&paths)?;
        let mut items = Vec::new();
        for (name, path) in &self.inputs {
            let registration = registered
                .get(path)
                .ok_or_else(|| ReadInputsError::Missing { path: path.clone() })?;
            let bytes = Bytes::on_disk(&path.below(nix.store_root()))?;
            let named = bytes.are_named_by(path, &registration.references);
            let made = self.made.contains(name) && bytes.nar == registration.nar;
            if !named && !made {
                return Err(ReadInputsError::Altered { path: path.clone() });
            }
            items.push(Item {
                name: name.clone(),
                nar: bytes.nar,
                references: registration
                    .references
                    .iter()
                    .map(StorePath::base_name)
                    .collect(),
            });
        }
        // The names are the keys of a map, so no two are alike.
        Ok(ItemList::new(items).unwrap_or_default())
    }
}
