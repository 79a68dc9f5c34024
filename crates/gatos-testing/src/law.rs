//! The laws of the fuzz targets over their stored seeds and simple mutants of them, without a fuzzer.

use std::path::Path;

/// Fewest seeds that a target begins from.
const FEWEST: usize = 5;

/// A law holds for every seed of a fuzz target, and for seeds cut, lengthened, changed and joined. The crate's
/// folder has the manifest of its targets at `fuzz/Cargo.toml`, which says where the seeds are.
///
/// # Panics
/// The law does not hold, or the seeds cannot be found.
pub fn hold(of_crate: impl AsRef<Path>, target: &str, law: fn(&[u8])) {
    let seeds = seeds(&of_crate.as_ref().join("fuzz"), target);
    for (seed, next) in seeds.iter().zip(seeds.iter().cycle().skip(1)) {
        law(seed);
        law(&[seed.as_slice(), next].concat());
        // The largest add nothing but time.
        let step = (seed.len() / 32).max(1);
        for at in (0..seed.len()).step_by(step) {
            law(seed.get(..at).unwrap_or_default());
            for change in [0x01, 0x20, 0x80] {
                let mut changed = seed.clone();
                changed
                    .iter_mut()
                    .skip(at)
                    .take(1)
                    .for_each(|byte| *byte ^= change);
                law(&changed);
            }
        }
    }
}

/// The seeds of a target, as its manifest says.
fn seeds(fuzz: &Path, target: &str) -> Vec<Vec<u8>> {
    let manifest = std::fs::read_to_string(fuzz.join("Cargo.toml"));
    let manifest = manifest.unwrap_or_else(|error| panic!("{}: {error}", fuzz.display()));
    let section = format!("[package.metadata.fuzz.{target}]\nseeds = [");
    let list = manifest
        .split_once(&section)
        .and_then(|(_, rest)| rest.split_once(']'));
    let (list, _) = list.unwrap_or_else(|| panic!("`{target}` is no target of {}", fuzz.display()));
    let folders = list.split(',').map(|word| word.trim().trim_matches('"'));
    let found: Vec<_> = folders
        .flat_map(|folder| files(&fuzz.join(folder)))
        .collect();
    assert!(found.len() >= FEWEST, "{target} has {} seeds", found.len());
    found
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let unreadable = |error| panic!("{}: {error}", folder.display());
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(unreadable)
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths.iter().flat_map(std::fs::read).collect()
}
