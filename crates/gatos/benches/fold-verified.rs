//! Verifying and folding a journal from its first event, against strict Ed25519 verification of its
//! signatures alone on all cores.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark takes times and prints them"
)]

mod ground;
mod rows;

use gatos::journal::batches;
use gatos_core::envelope::pre_authentication_encoding;
use gatos_core::keys::{KeyId, KnownKeys, Signature};
use rayon::prelude::{IntoParallelRefIterator as _, ParallelIterator as _};

use crate::ground::{Ground, report, seconds};
use crate::rows::{append_rows, fold_anew, median};

const EVENTS: usize = 100_000;
/// Times of each; the two take turns, so that a slow minute hits both.
const ROUNDS: usize = 5;
/// At most 1.3 times of the signatures alone.
const WANT: f64 = 0.769;

fn main() {
    let ground = Ground::new();
    append_rows(&ground, 0..EVENTS);
    let signed = signatures(&ground);
    let (mut ours, mut rival) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let state = format!("round-{round}");
        ours.push(seconds(|| {
            let report = fold_anew(ground.folder.path(), &state);
            assert_eq!(report.folded, EVENTS as u64);
        }));
        rival.push(seconds(|| verify(&signed)));
    }
    report("fold-verified", (median(ours), median(rival)), WANT);
}

type Signed = (KeyId, Vec<u8>, Signature);

/// The messages and signatures of a journal, ready to be verified.
fn signatures(ground: &Ground) -> Vec<Signed> {
    let repository = ground.open();
    let mut signed = Vec::with_capacity(EVENTS);
    for batch in batches(&repository, &"bench".parse().unwrap()).unwrap() {
        for envelope in batch.unwrap().events {
            let payload_type = envelope.kind().payload_type();
            let message = pre_authentication_encoding(payload_type, envelope.payload_bytes());
            let signature = envelope.signatures()[0];
            signed.push((signature.key_id, message, signature.signature));
        }
    }
    signed
}

/// What no verifier can do without: every signature, strictly, with the key's checks done once.
fn verify(signed: &[Signed]) {
    let verified = signed
        .par_iter()
        .map_init(KnownKeys::new, |known, (key, message, signature)| {
            known.verify(*key, message, signature).is_ok()
        });
    assert!(verified.all(|valid| valid));
}
