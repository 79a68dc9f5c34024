//! One byte of a signed object changed, taken out or doubled: it never verifies.

use gatos_core::envelope::Envelope;
use gatos_core::keys::KnownKeys;

/// Whether the bytes are an envelope of which every signature is valid.
fn verifies(bytes: &[u8], known: &mut KnownKeys) -> bool {
    Envelope::decode(bytes).is_ok_and(|envelope| envelope.open(envelope.kind(), known).is_ok())
}

fn mutants(bytes: &[u8], at: usize) -> [Vec<u8>; 4] {
    let changed = |byte: u8| {
        let mut copy = bytes.to_vec();
        copy[at] = byte;
        copy
    };
    let mut shorter = bytes.to_vec();
    shorter.remove(at);
    let mut longer = bytes.to_vec();
    longer.insert(at, bytes[at]);
    [
        changed(bytes[at].wrapping_add(1)),
        changed(bytes[at] ^ 0x80),
        shorter,
        longer,
    ]
}

#[test]
fn no_byte_of_an_envelope_can_be_changed() {
    let mut known = KnownKeys::new();
    let (mut objects, mut cases) = (0, 0);
    for folder in ["vectors/envelope/ok", "vectors/statement/ok"] {
        let folder = crate::manifest().join(folder);
        for name in crate::vectors::names(&folder) {
            let bytes = std::fs::read(folder.join(format!("{name}.cbor"))).unwrap();
            // The largest add nothing but time.
            if bytes.len() > 2000 {
                continue;
            }
            assert!(verifies(&bytes, &mut known), "{name}");
            objects += 1;
            for at in 0..bytes.len() {
                for mutant in mutants(&bytes, at) {
                    assert!(!verifies(&mutant, &mut known), "{name}, byte {at}");
                    cases += 1;
                }
            }
        }
    }
    println!("{objects} objects, {cases} mutants");
    assert!(objects >= 16 && cases > 25_000);
}
