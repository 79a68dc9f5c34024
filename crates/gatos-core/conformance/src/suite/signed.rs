//! `envelope/` and `statement/`: what verifies, what does not, and that signing is deterministic.

use std::path::Path;

use gatos_core::envelope::Envelope;
use gatos_core::keys::{SecretKey, Signer as _};

use super::{Report, files, text};

pub(super) fn run(vectors: &Path, report: &mut Report) {
    for folder in ["envelope/ok", "statement/ok"] {
        for (name, path) in files(&vectors.join(folder), ".cbor") {
            let bytes = std::fs::read(&path).expect("a vector");
            let cid = text(&vectors.join(folder).join(format!("{name}.cid")));
            report.expect(folder, &name, verified(&bytes), cid.trim_end());
            report.result(folder, &name, signed_again(&bytes));
        }
    }
    for (name, path) in files(&vectors.join("envelope/err"), ".cbor") {
        let bytes = std::fs::read(&path).expect("a vector");
        let found = match Envelope::decode(&bytes) {
            Err(error) => error.to_string(),
            Ok(envelope) => envelope
                .verify(envelope.kind())
                .map_or_else(|error| error.to_string(), |_| "accepted".to_owned()),
        };
        // The first line is the class; the message is the rest.
        let expect = text(&vectors.join("envelope/err").join(format!("{name}.txt")));
        let message = expect.split_once('\n').map_or("", |(_, message)| message);
        report.expect("envelope/err", &name, found, message.trim_end_matches('\n'));
    }
}

fn verified(bytes: &[u8]) -> String {
    let envelope = match Envelope::decode(bytes) {
        Ok(envelope) if envelope.encode() == bytes => envelope,
        Ok(_) => return "other bytes for one envelope".to_owned(),
        Err(error) => return error.to_string(),
    };
    match envelope.verify(envelope.kind()) {
        Ok(_) => envelope.id().to_string(),
        Err(error) => error.to_string(),
    }
}

/// What the key of seed 1 makes of this payload.
fn signed_again(bytes: &[u8]) -> String {
    let signed = SecretKey::from_seed([1; 32])
        .sign(bytes)
        .expect("a key in memory signs");
    data_encoding::HEXLOWER.encode(signed.as_bytes())
}
