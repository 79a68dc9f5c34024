//! The derivations that one derivation reaches, each shown to be what its path says.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use nix_derivation::InputDerivationHash;

use super::DrvFile;
use super::error::ClosureError;
use crate::store_path::StorePath;

/// Most derivations of one closure; a desktop's has some ten thousand.
const MAX_DERIVATIONS: usize = 1 << 18;

/// A derivation with every derivation that it reaches.
///
/// Each text hashes to its path, and the output paths stated are the ones that follow from the
/// texts. So the root's path vouches for everything but the bytes of the sources, whose own paths
/// do that.
#[derive(Clone, Debug)]
pub struct DrvClosure {
    root: StorePath,
    /// Those that others need come first
    order: Vec<StorePath>,
    files: BTreeMap<StorePath, DrvFile>,
}

impl DrvClosure {
    /// Collect the closure of `root`, asking `read` for the text of each derivation once.
    ///
    /// # Errors
    /// A text that is missing (`read` gives `None`), unreadable, malformed or not that of its path;
    /// an output path that does not follow from the derivation.
    pub fn collect(
        root: &StorePath,
        mut read: impl FnMut(&StorePath) -> io::Result<Option<Vec<u8>>>,
    ) -> Result<Self, ClosureError> {
        let mut files = BTreeMap::new();
        let mut pending = vec![root.clone()];
        while let Some(path) = pending.pop() {
            if files.contains_key(&path) {
                continue;
            }
            if files.len() >= MAX_DERIVATIONS {
                return Err(ClosureError::TooMany {
                    limit: MAX_DERIVATIONS,
                });
            }
            let drv = read_one(&path, &mut read)?;
            pending.extend(drv.input_derivations().into_keys());
            files.insert(path, drv);
        }
        let order = topological(root, &files)?;
        check_outputs(&order, &files)?;
        Ok(Self {
            root: root.clone(),
            order,
            files,
        })
    }

    /// Collect the closure of `root` from the store below `store_root` (`/` for the usual one).
    ///
    /// # Errors
    /// As [`collect`](Self::collect).
    pub fn from_store(root: &StorePath, store_root: &Path) -> Result<Self, ClosureError> {
        Self::collect(root, |path| match std::fs::read(path.below(store_root)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
    }

    /// Collect the closure of `root` from texts that somebody handed over.
    ///
    /// # Errors
    /// As [`collect`](Self::collect). Texts that are not reached are ignored.
    pub fn from_texts(
        root: &StorePath,
        mut texts: BTreeMap<StorePath, Vec<u8>>,
    ) -> Result<Self, ClosureError> {
        Self::collect(root, |path| Ok(texts.remove(path)))
    }

    /// The derivation that the closure is of.
    #[must_use]
    pub fn root(&self) -> &DrvFile {
        &self.files[&self.root]
    }

    /// One derivation of the closure.
    #[must_use]
    pub fn get(&self, path: &StorePath) -> Option<&DrvFile> {
        self.files.get(path)
    }

    /// All derivations, each after those that it needs; the root is the last.
    pub fn derivations(&self) -> impl Iterator<Item = &DrvFile> {
        self.order.iter().map(|path| &self.files[path])
    }

    /// Every source that any derivation of the closure needs.
    #[must_use]
    pub fn sources(&self) -> BTreeSet<StorePath> {
        self.files
            .values()
            .flat_map(DrvFile::input_sources)
            .collect()
    }

    /// The outputs of other derivations that the root is built with.
    ///
    /// An output whose path is only known after its build is not among them.
    #[must_use]
    pub fn dependencies(&self) -> BTreeMap<StorePath, Dependency> {
        let mut found = BTreeMap::new();
        for (path, wanted) in self.root().input_derivations() {
            let outputs = self.files[&path].outputs();
            for output in wanted {
                if let Some(Some(output_path)) = outputs.get(&output) {
                    let dependency = Dependency {
                        derivation: path.clone(),
                        output,
                    };
                    found.insert(output_path.clone(), dependency);
                }
            }
        }
        found
    }
}

/// Which output of which derivation a store path is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Dependency {
    /// The derivation
    pub derivation: StorePath,
    /// The name of the output
    pub output: String,
}

impl std::fmt::Display for Dependency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}!{}", self.derivation, self.output)
    }
}

fn read_one(
    path: &StorePath,
    read: &mut impl FnMut(&StorePath) -> io::Result<Option<Vec<u8>>>,
) -> Result<DrvFile, ClosureError> {
    let text = read(path).map_err(|source| ClosureError::Read {
        path: path.clone(),
        source,
    })?;
    let text = text.ok_or_else(|| ClosureError::Missing { path: path.clone() })?;
    let drv = DrvFile::parse(path.clone(), text)?;
    let inputs = drv.parsed().input_derivations().values();
    if inputs
        .clone()
        .any(nix_derivation::InputDerivation::is_dynamic)
    {
        return Err(ClosureError::Dynamic { path: path.clone() });
    }
    Ok(drv)
}

/// Needed derivations first. Without recursion: a closure may be thousands deep.
fn topological(
    root: &StorePath,
    files: &BTreeMap<StorePath, DrvFile>,
) -> Result<Vec<StorePath>, ClosureError> {
    enum Step {
        Enter(StorePath),
        Leave(StorePath),
    }
    let mut order = Vec::with_capacity(files.len());
    let mut done = BTreeSet::new();
    let mut open = BTreeSet::new();
    let mut steps = vec![Step::Enter(root.clone())];
    while let Some(step) = steps.pop() {
        match step {
            Step::Leave(path) => {
                open.remove(&path);
                done.insert(path.clone());
                order.push(path);
            }
            Step::Enter(path) if done.contains(&path) => {}
            Step::Enter(path) => {
                if !open.insert(path.clone()) {
                    return Err(ClosureError::Cycle { path });
                }
                steps.push(Step::Leave(path.clone()));
                for input in files[&path].input_derivations().into_keys() {
                    if open.contains(&input) {
                        return Err(ClosureError::Cycle { path: input });
                    }
                    if !done.contains(&input) {
                        steps.push(Step::Enter(input));
                    }
                }
            }
        }
    }
    Ok(order)
}

/// Recompute every output path from the texts.
fn check_outputs(
    order: &[StorePath],
    files: &BTreeMap<StorePath, DrvFile>,
) -> Result<(), ClosureError> {
    let mut hashes: BTreeMap<nix_derivation::StorePath, InputDerivationHash> = BTreeMap::new();
    for path in order {
        let drv = files[path].parsed();
        let wrong = |source| ClosureError::Outputs {
            path: path.clone(),
            source,
        };
        drv.validate_with_input_hashes(|input| hashes[input])
            .map_err(wrong)?;
        let hash = drv
            .hash_input_derivation_modulo(|input| hashes[input])
            .map_err(wrong)?;
        hashes.insert(path.inner().clone(), hash);
    }
    Ok(())
}
