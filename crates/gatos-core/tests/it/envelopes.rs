//! Envelopes: what is written, what is refused when read, and what does not verify.

use gatos_core::cbor;
use gatos_core::envelope::{
    Envelope, EnvelopeError, Kind, MAX_SIGNATURES, VerifyError, pre_authentication_encoding,
};
use gatos_core::keys::{KnownKeys, SecretKey, SignError, SignatureError, Signer};
use gatos_core::value::{Map, Value};

use crate::signatures::{array, plus_order};
use crate::vectors::Folder;

/// The fixed keys of the vectors: the seed is 32 times the same byte.
pub(crate) fn key(byte: u8) -> SecretKey {
    SecretKey::from_seed([byte; 32])
}

pub(crate) fn payload() -> Value {
    Value::map([
        ("type", Value::from("measurement")),
        ("mass", gatos_core::json::from_str("3.75").unwrap()),
        ("n", Value::from(7)),
    ])
}

fn signed(kind: Kind, signers: &[u8]) -> Envelope {
    let mut envelope = Envelope::sign(kind, &payload(), &key(signers[0])).unwrap();
    for signer in &signers[1..] {
        envelope.add_signature(&key(*signer)).unwrap();
    }
    envelope
}

#[test]
fn envelopes_have_the_recorded_bytes() {
    let mut folder = Folder::open("envelope/ok");
    let mut cases: Vec<(String, Envelope)> = Kind::ALL
        .into_iter()
        .map(|kind| (kind.word().to_owned(), signed(kind, &[1])))
        .collect();
    cases.push((
        "two-signatures".to_owned(),
        signed(Kind::PolicyBundle, &[1, 2]),
    ));
    cases.push((
        "64-signatures".to_owned(),
        signed(Kind::Event, &(1..=64).collect::<Vec<_>>()),
    ));
    let empty = Envelope::sign(Kind::Event, &Value::Map(Map::new()), &key(3)).unwrap();
    cases.push(("payload-empty-map".to_owned(), empty));
    let text = Value::text("x".repeat(1000));
    let long = Envelope::sign(Kind::Reproduction, &text, &key(3)).unwrap();
    cases.push(("payload-text".to_owned(), long));
    for (name, envelope) in cases {
        let bytes = envelope.encode();
        let json = gatos_core::json::to_string_pretty(&envelope.to_value());
        folder.expect(&format!("{name}.cbor"), &bytes);
        folder.expect(&format!("{name}.json"), format!("{json}\n"));
        folder.expect(&format!("{name}.cid"), format!("{}\n", envelope.id()));
        let again = Envelope::decode(&bytes).unwrap();
        assert_eq!(again, envelope);
        assert_eq!(again.encode(), bytes);
        let signers = again.verify(again.kind()).unwrap();
        assert_eq!(signers.len(), again.signatures().len());
        assert!(signers.is_sorted());
    }
    folder.finish();
}

/// The class of a refusal, as `docs/spec/envelope.md` lists them.
fn class(bytes: &[u8]) -> (String, String) {
    let envelope = match Envelope::decode(bytes) {
        Ok(envelope) => envelope,
        Err(error) => {
            let class = match &error {
                EnvelopeError::Encoding { source } => return (encoding(source), error.to_string()),
                EnvelopeError::Fields { .. } => "fields",
                EnvelopeError::PayloadType { .. } => "payload-type",
                EnvelopeError::PayloadSize { .. } => "payload-size",
                EnvelopeError::SignatureCount { .. } => "signature-count",
                EnvelopeError::SignatureOrder { .. } => "signature-order",
            };
            return (class.to_owned(), error.to_string());
        }
    };
    let error = envelope.verify(envelope.kind()).unwrap_err();
    let class = match &error {
        VerifyError::Kind { .. } => "kind",
        VerifyError::Payload { .. } => "payload",
        VerifyError::Signature { source } => match source {
            SignatureError::Key { .. } => "key",
            SignatureError::Invalid { .. } => "signature",
        },
    };
    (class.to_owned(), error.to_string())
}

fn encoding(error: &cbor::DecodeError) -> String {
    format!("encoding {}", error.kind.class())
}

/// A field of an envelope, changed.
fn with(field: &str, value: Value) -> Vec<u8> {
    let Value::Map(mut map) = signed(Kind::Event, &[1]).to_value() else {
        unreachable!("an envelope is a map");
    };
    map.insert(field, value);
    cbor::encode(&Value::Map(map))
}

fn without(field: &str) -> Vec<u8> {
    let Value::Map(mut map) = signed(Kind::Event, &[1]).to_value() else {
        unreachable!("an envelope is a map");
    };
    map.remove(field).unwrap();
    cbor::encode(&Value::Map(map))
}

fn signature(key_id: impl Into<Vec<u8>>, sig: impl Into<Vec<u8>>) -> Value {
    Value::map([("keyid", Value::bytes(key_id)), ("sig", Value::bytes(sig))])
}

/// An envelope whose signatures are over `message` instead of what they should be over.
fn over(message: &[u8]) -> Vec<u8> {
    let key = key(1);
    let sig = key.sign(message).unwrap();
    with(
        "signatures",
        Value::list([signature(*key.public_key().as_bytes(), *sig.as_bytes())]),
    )
}

fn shapes() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let good = signed(Kind::Event, &[1]).encode();
    let entry = |sig: Value| with("signatures", Value::list([sig]));
    let (id, sig) = (vec![1; 32], vec![2; 64]);
    let extra = Value::map([
        ("keyid", Value::bytes(id.clone())),
        ("sig", Value::bytes(sig.clone())),
        ("x", Value::Null),
    ]);
    let many = (1..=65).map(|n| signature([n; 32], [0; 64]));
    let pair =
        |a: u8, b: u8| Value::list([signature([a; 32], [0; 64]), signature([b; 32], [0; 64])]);
    let kind = |text: &str| with("payloadType", Value::from(text));
    vec![
        ("empty", vec![], "encoding truncated"),
        (
            "trailing-byte",
            [good.clone(), vec![0]].concat(),
            "encoding trailing",
        ),
        ("cut", good[..good.len() - 1].to_vec(), "encoding truncated"),
        ("json", br#"{"payload":""}"#.to_vec(), "encoding truncated"),
        ("a-list", cbor::encode(&Value::list([])), "fields"),
        (
            "an-empty-map",
            cbor::encode(&Value::Map(Map::new())),
            "fields",
        ),
        ("without-payload", without("payload"), "fields"),
        ("without-payload-type", without("payloadType"), "fields"),
        ("without-signatures", without("signatures"), "fields"),
        ("unknown-field", with("expires", Value::Null), "fields"),
        (
            "payload-as-text",
            with("payload", Value::from("o2JhYQ==")),
            "fields",
        ),
        ("payload-as-map", with("payload", payload()), "fields"),
        ("payload-null", with("payload", Value::Null), "fields"),
        (
            "payload-type-bytes",
            with("payloadType", Value::bytes(*b"x")),
            "fields",
        ),
        (
            "signatures-map",
            with("signatures", Value::Map(Map::new())),
            "fields",
        ),
        ("signatures-null", with("signatures", Value::Null), "fields"),
        ("signature-text", entry(Value::from("x")), "fields"),
        (
            "signature-without-sig",
            entry(Value::map([("keyid", Value::bytes(id.clone()))])),
            "fields",
        ),
        (
            "signature-without-keyid",
            entry(Value::map([("sig", Value::bytes(sig.clone()))])),
            "fields",
        ),
        ("signature-with-more", entry(extra), "fields"),
        (
            "keyid-31-bytes",
            entry(signature([1; 31], [0; 64])),
            "fields",
        ),
        (
            "keyid-33-bytes",
            entry(signature([1; 33], [0; 64])),
            "fields",
        ),
        ("keyid-empty", entry(signature([], [0; 64])), "fields"),
        ("sig-63-bytes", entry(signature([1; 32], [0; 63])), "fields"),
        ("sig-65-bytes", entry(signature([1; 32], [0; 65])), "fields"),
        (
            "no-signatures",
            with("signatures", Value::list([])),
            "signature-count",
        ),
        (
            "65-signatures",
            with("signatures", Value::list(many)),
            "signature-count",
        ),
        (
            "signatures-descending",
            with("signatures", pair(2, 1)),
            "signature-order",
        ),
        (
            "signatures-of-one-key",
            with("signatures", pair(1, 1)),
            "signature-order",
        ),
        ("payload-type-empty", kind(""), "payload-type"),
        (
            "payload-type-json",
            kind("application/json"),
            "payload-type",
        ),
        (
            "payload-type-unknown-kind",
            kind("application/vnd.gatos.vote.v1+dag-cbor"),
            "payload-type",
        ),
        (
            "payload-type-version-2",
            kind("application/vnd.gatos.event.v2+dag-cbor"),
            "payload-type",
        ),
        (
            "payload-type-upper-case",
            kind("application/vnd.gatos.Event.v1+dag-cbor"),
            "payload-type",
        ),
        (
            "payload-type-space",
            kind("application/vnd.gatos.event.v1+dag-cbor "),
            "payload-type",
        ),
        (
            "payload-type-parameter",
            kind("application/vnd.gatos.event.v1+dag-cbor;q=1"),
            "payload-type",
        ),
        ("payload-type-escape", kind("\u{1b}[2J"), "payload-type"),
        (
            "depth-4",
            with(
                "signatures",
                Value::list([Value::list([Value::list([Value::list([])])])]),
            ),
            "encoding depth",
        ),
    ]
}

fn verdicts() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let envelope = signed(Kind::Event, &[1]);
    let body = envelope.payload_bytes();
    let event = Kind::Event.payload_type();
    let (alice, bob) = (key(1), key(2));
    let message = pre_authentication_encoding(event, body);
    let good = alice.sign(&message).unwrap();
    let by = |id: [u8; 32], sig: [u8; 64]| with("signatures", Value::list([signature(id, sig)]));
    let id = *alice.public_key().as_bytes();
    let mut flipped = *good.as_bytes();
    flipped[3] ^= 4;
    // Under the neutral element, this signature passes for any message where verification is lax.
    let neutral: [u8; 32] =
        array("0100000000000000000000000000000000000000000000000000000000000000");
    let mut of_neutral = [0; 64];
    of_neutral[..32].copy_from_slice(&neutral);
    let mixed = array("cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d");
    let one_good = {
        let Value::Map(mut map) = signed(Kind::Event, &[1, 2]).to_value() else {
            unreachable!("an envelope is a map");
        };
        let Some(Value::List(mut list)) = map.remove("signatures") else {
            unreachable!("it has signatures");
        };
        let second = Value::map([
            ("keyid", field(&list[1], "keyid")),
            ("sig", field(&list[0], "sig")),
        ]);
        list[1] = second;
        map.insert("signatures", Value::List(list));
        cbor::encode(&Value::Map(map))
    };
    let other_kind = with("payloadType", Value::from(Kind::Genesis.payload_type()));
    let sshsig = |namespace: &str, reserved: &str| {
        use sha2_512 as digest;
        let mut blob = b"SSHSIG".to_vec();
        let hash = digest(&message);
        for part in [
            namespace.as_bytes(),
            reserved.as_bytes(),
            b"sha512",
            &hash[..],
        ] {
            blob.extend_from_slice(&u32::try_from(part.len()).unwrap().to_be_bytes());
            blob.extend_from_slice(part);
        }
        blob
    };
    let bare = |payload: &[u8]| {
        let message = pre_authentication_encoding(event, payload);
        let sig = alice.sign(&message).unwrap();
        let list = Value::list([signature(id, *sig.as_bytes())]);
        let fields = [
            ("payload", Value::bytes(payload)),
            ("payloadType", Value::from(event)),
            ("signatures", list),
        ];
        cbor::encode(&Value::map(fields))
    };
    vec![
        ("signature-flipped-bit", by(id, flipped), "signature"),
        ("signature-zero", by(id, [0; 64]), "signature"),
        (
            "signature-s-plus-order",
            by(id, *plus_order(&good).as_bytes()),
            "signature",
        ),
        (
            "signature-by-another-key",
            by(*bob.public_key().as_bytes(), *good.as_bytes()),
            "signature",
        ),
        ("signature-second-of-two", one_good, "signature"),
        ("signature-for-another-kind", other_kind, "signature"),
        (
            "signature-for-another-payload",
            with("payload", Value::bytes([0xa0])),
            "signature",
        ),
        ("signature-over-payload-alone", over(body), "signature"),
        (
            "signature-over-cid",
            over(&envelope.id().to_bytes()),
            "signature",
        ),
        (
            "signature-over-cid-text",
            over(envelope.id().to_string().as_bytes()),
            "signature",
        ),
        (
            "signature-over-json",
            over(gatos_core::json::to_string(&payload()).as_bytes()),
            "signature",
        ),
        (
            "signature-over-dsse-v2",
            over(&[b"DSSEv2", &message[6..]].concat()),
            "signature",
        ),
        (
            "signature-over-type-only",
            over(event.as_bytes()),
            "signature",
        ),
        (
            "signature-of-ssh-namespace-git",
            over(&sshsig("git", "")),
            "signature",
        ),
        (
            "signature-of-ssh-namespace-gatos",
            over(&sshsig("gatos", "")),
            "signature",
        ),
        (
            "signature-of-git-commit",
            over(&[b"tree 4b825dc6\n", body].concat()),
            "signature",
        ),
        ("key-neutral-element", by(neutral, of_neutral), "key"),
        ("key-zero", by([0; 32], [0; 64]), "key"),
        ("key-mixed-order", by(mixed, *good.as_bytes()), "key"),
        ("key-not-canonical", by([0xff; 32], [0; 64]), "key"),
        ("payload-empty", bare(b""), "payload"),
        ("payload-float", bare(b"\xa1\x61a\xf9\x3c\x00"), "payload"),
        (
            "payload-unsorted",
            bare(b"\xa2\x61b\x00\x61a\x00"),
            "payload",
        ),
        ("payload-twice", bare(b"\xa0\xa0"), "payload"),
        ("payload-json", bare(br#"{"a":1}"#), "payload"),
        ("payload-reserved-key", bare(b"\xa1\x62$a\x00"), "payload"),
        (
            "payload-depth-65",
            bare(&[vec![0x81; 64], vec![0x80]].concat()),
            "payload",
        ),
    ]
}

fn field(value: &Value, name: &str) -> Value {
    match value {
        Value::Map(map) => map.get(name).unwrap().clone(),
        other => panic!("{other:?} is no map"),
    }
}

/// SHA-512, which SSH signatures are made over.
fn sha2_512(message: &[u8]) -> Vec<u8> {
    use sha2::Digest as _;
    sha2::Sha512::digest(message).to_vec()
}

#[test]
fn refused_envelopes_are_refused_for_the_recorded_reason() {
    let mut folder = Folder::open("envelope/err");
    for (name, bytes, expected) in shapes().into_iter().chain(verdicts()) {
        let (class, message) = class(&bytes);
        assert_eq!(class, expected, "{name}: {message}");
        assert!(!message.contains('\u{1b}'), "{name}");
        folder.expect(&format!("{name}.cbor"), &bytes);
        folder.expect(&format!("{name}.txt"), format!("{class}\n{message}\n"));
    }
    folder.finish();
}

#[test]
fn a_signature_holds_for_its_purpose_alone() {
    let key = key(1);
    for made in Kind::ALL {
        let envelope = signed(made, &[1]);
        let body = envelope.payload_bytes();
        for asked in Kind::ALL {
            // As it is, and with the other kind written over the first.
            let relabelled = Envelope::from_value(Value::map([
                ("payload", Value::bytes(body)),
                ("payloadType", Value::from(asked.payload_type())),
                ("signatures", field(&envelope.to_value(), "signatures")),
            ]));
            assert_eq!(envelope.verify(asked).is_ok(), made == asked);
            assert_eq!(relabelled.unwrap().verify(asked).is_ok(), made == asked);
        }
    }
    // Length prefixes: no two pairs of type and payload have the same signed bytes.
    let a = pre_authentication_encoding("ab", b"c");
    let b = pre_authentication_encoding("a", b"bc");
    assert_ne!(a, b);
    assert_eq!(pre_authentication_encoding("", b""), b"DSSEv1 0  0 ");
    let dsse = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world";
    assert_eq!(
        pre_authentication_encoding("http://example.com/HelloWorld", b"hello world"),
        dsse
    );
    assert!(key.public_key().verify(&a, &key.sign(&b).unwrap()).is_err());
}

#[test]
fn adding_signatures_changes_no_id_and_no_order() {
    let ids: Vec<_> = [[1, 2, 3], [3, 1, 2], [2, 3, 1]]
        .into_iter()
        .map(|signers| signed(Kind::Event, &signers).encode())
        .collect();
    assert_eq!(ids[0], ids[1]);
    assert_eq!(ids[0], ids[2]);
    assert_eq!(
        signed(Kind::Event, &[1]).id(),
        signed(Kind::Event, &[2, 3]).id()
    );
    // Signing again with the same key replaces.
    let mut envelope = signed(Kind::Event, &[1]);
    envelope.add_signature(&key(1)).unwrap();
    assert_eq!(envelope, signed(Kind::Event, &[1]));
    let mut full = signed(Kind::Event, &(1..=64).collect::<Vec<_>>());
    let max = MAX_SIGNATURES;
    assert_eq!(
        full.add_signature(&key(65)),
        Err(SignError::TooManySignatures { max })
    );
    assert_eq!(full.add_signature(&key(64)), Ok(()));
}

#[test]
fn what_no_verifier_would_accept_is_not_signed() {
    let nested = (0..65).fold(Value::Null, |inner, _| Value::list([inner]));
    let refusal = |value: Value| match Envelope::sign(Kind::Event, &value, &key(1)) {
        Err(SignError::Payload { source }) => source.kind.class(),
        Err(SignError::Ambiguous) => "ambiguous",
        other => panic!("{other:?}"),
    };
    assert_eq!(refusal(nested), "depth");
    assert_eq!(refusal(Value::map([("$x", Value::Null)])), "reserved-key");
    assert_eq!(
        refusal(Value::map([("$dec", Value::from("0.1"))])),
        "ambiguous"
    );
    assert_eq!(refusal(Value::text("x".repeat(1 << 20))), "size");
}

#[test]
fn an_envelope_in_a_batch_is_the_envelope_alone() {
    let envelopes: Vec<_> = (1..=3).map(|n| signed(Kind::Event, &[n])).collect();
    let batch = Value::list(envelopes.iter().map(Envelope::to_value));
    let Ok(Value::List(items)) = cbor::decode(&cbor::encode(&batch)) else {
        panic!("a list comes back as one");
    };
    let mut known = KnownKeys::new();
    for (item, envelope) in items.into_iter().zip(envelopes) {
        let again = Envelope::from_value(item).unwrap();
        let opened = again.open(Kind::Event, &mut known).unwrap();
        assert_eq!((again, opened.payload), (envelope, payload()));
    }
}
