//! Views: the repository as it would be with other refs or more objects. Nothing is written through
//! one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::open::ALLOC_LIMIT_BYTES;
use super::{Repository, Shared};
use crate::name::RefName;
use crate::object::ObjectId;

impl Repository {
    /// The repository as it would be if these refs pointed there, or were not there.
    #[must_use]
    pub fn as_if(&self, refs: impl IntoIterator<Item = (RefName, Option<ObjectId>)>) -> Self {
        let mut pretended = self.shared.pretended.clone();
        pretended.extend(refs);
        self.view(
            Arc::clone(&self.shared.objects),
            pretended,
            self.shared.stand.clone(),
        )
    }

    /// Whether this is not the repository itself but what it would be.
    #[must_use]
    pub fn is_view(&self) -> bool {
        self.shared.stand.is_some() || !self.shared.pretended.is_empty()
    }

    /// The repository with the objects that lie in `objects` as well, for as long as `stand` is
    /// there.
    pub(crate) fn with_objects_of(
        &self,
        objects: PathBuf,
        stand: tempfile::TempDir,
    ) -> std::io::Result<Self> {
        let options = gix::odb::store::init::Options {
            alloc_limit_bytes: Some(ALLOC_LIMIT_BYTES),
            ..Default::default()
        };
        let none = &mut std::iter::empty();
        let store = gix::odb::Store::at_opts(objects, self.hash_kind(), none, options)?;
        Ok(self.view(
            Arc::new(store),
            self.shared.pretended.clone(),
            Some(Arc::new(stand)),
        ))
    }

    pub(crate) fn pretended(&self) -> &BTreeMap<RefName, Option<ObjectId>> {
        &self.shared.pretended
    }

    fn view(
        &self,
        objects: Arc<gix::odb::Store>,
        pretended: BTreeMap<RefName, Option<ObjectId>>,
        stand: Option<Arc<tempfile::TempDir>>,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                git_dir: self.shared.git_dir.clone(),
                common_dir: self.shared.common_dir.clone(),
                work_tree: self.shared.work_tree.clone(),
                format: self.shared.format,
                objects,
                handles: Mutex::default(),
                sound_packed: Mutex::default(),
                intents: Mutex::default(),
                replaced: Mutex::default(),
                deflater: Mutex::default(),
                settled: Mutex::default(),
                pretended,
                stand,
            }),
        }
    }
}
