//! Hash file system trees as `nix hash path --base32` does: `nar-hash PATH…`.
#![expect(clippy::disallowed_methods, reason = "reads its arguments")]
#![expect(clippy::print_stdout, reason = "prints hashes")]

use std::path::Path;

use gatos_nix::nar::{self, WriteNarError};

fn main() -> Result<(), WriteNarError> {
    for path in std::env::args_os().skip(1) {
        println!("{}", nar::hash(Path::new(&path))?.to_sri());
    }
    Ok(())
}
