//! `keys/`: files that `ssh-keygen` wrote. Encrypted ones are left out: they take a minute where every
//! instruction is emulated.

use std::path::Path;

use gatos_core::keys::{PublicKey, SecretKey, Signer as _};

use super::{Report, files, text};

pub(super) fn run(vectors: &Path, report: &mut Report) {
    let folder = vectors.join("keys/ok");
    for (name, path) in files(&folder, ".pub") {
        let found = text(&path).parse::<PublicKey>().map_or_else(
            |error| error.to_string(),
            |key| key.fingerprint().to_string(),
        );
        let printed = text(&folder.join(format!("{name}.fingerprint")));
        let expect = printed
            .split_whitespace()
            .find(|word| word.starts_with("SHA256:"))
            .unwrap_or_default();
        report.expect("keys/ok", &name, found, expect);
        let secret = SecretKey::from_openssh(&text(&folder.join(format!("{name}.key"))), None);
        let found = secret.map_or_else(
            |error| error.to_string(),
            |secret| secret.public_key().fingerprint().to_string(),
        );
        report.result("keys/ok", &name, found);
    }
}
