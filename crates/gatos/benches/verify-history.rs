//! Verifying a history, against strict Ed25519 verification of its signatures alone on all cores.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark runs a rival, takes times and prints them"
)]

mod ground;

use gatos::Unwatched;
use gatos::journal::{append, batches};
use gatos::verify::{VerificationVerdict, verify_journal};
use gatos_core::envelope::pre_authentication_encoding;
use gatos_core::keys::Signer as _;
use rayon::prelude::{IntoParallelRefIterator as _, ParallelIterator as _};

use crate::ground::{Ground, draft, report, seconds};

const EVENTS: usize = 100_000;
const PAYLOAD_BYTES: usize = 100;
/// At most 1.5 times of the signatures alone.
const WANT: f64 = 0.667;

fn main() {
    let ground = Ground::new();
    let repository = ground.open();
    let journal = "bench".parse().unwrap();
    let drafts = (0..EVENTS)
        .map(|number| draft(number, PAYLOAD_BYTES))
        .collect();
    append(&repository, &journal, drafts, &ground.key, &mut Unwatched).unwrap();

    let ours = seconds(|| {
        let report = verify_journal(&repository, &journal, &mut Unwatched);
        assert_eq!(report.verdict, VerificationVerdict::Verified);
    });

    let mut signed = Vec::with_capacity(EVENTS);
    for batch in batches(&repository, &journal).unwrap() {
        for envelope in batch.unwrap().events {
            let payload_type = envelope.kind().payload_type();
            let message = pre_authentication_encoding(payload_type, envelope.payload_bytes());
            signed.push((message, envelope.signatures()[0].signature));
        }
    }
    let key = ground.key.public_key();
    let rival = seconds(|| {
        assert!(
            signed
                .par_iter()
                .all(|(message, signature)| key.verify(message, signature).is_ok())
        );
    });
    report("verify-history", (ours, rival), WANT);
}
