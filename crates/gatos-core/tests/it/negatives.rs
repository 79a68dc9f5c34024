//! Bytes that are not strict DAG-CBOR of ours: each with the class of its refusal.

/// A refused byte string: its name, its bytes in hexadecimal with spaces, the class of the refusal.
pub(crate) type Negative = (&'static str, &'static str, &'static str);

/// Every refused byte string that is short enough to be written down.
pub(crate) const NEGATIVES: &[Negative] = &[
    // Ends and remains
    ("empty-input", "", "truncated"),
    ("two-values", "00 00", "trailing"),
    ("trailing-after-map", "a0 00", "trailing"),
    ("trailing-break", "80 ff", "trailing"),
    ("head-cut-8-bit", "18", "truncated"),
    ("head-cut-16-bit", "19 01", "truncated"),
    ("head-cut-32-bit", "1a 00 01 00", "truncated"),
    ("head-cut-64-bit", "1b 00 00 00 01 00 00 00", "truncated"),
    ("text-cut", "63 61 62", "truncated"),
    ("bytes-cut", "42 61", "truncated"),
    ("list-cut", "82 00", "truncated"),
    ("map-cut-before-value", "a1 61 61", "truncated"),
    ("map-cut-before-key", "a2 61 61 00", "truncated"),
    ("tag-cut", "d8 2a", "truncated"),
    ("link-cut", "d8 2a 58 25 00 01 71", "truncated"),
    // Shortest heads
    ("integer-23-in-8-bit", "18 17", "not-shortest"),
    ("integer-0-in-8-bit", "18 00", "not-shortest"),
    ("integer-255-in-16-bit", "19 00 ff", "not-shortest"),
    ("integer-65535-in-32-bit", "1a 00 00 ff ff", "not-shortest"),
    (
        "integer-2-32-1-in-64-bit",
        "1b 00 00 00 00 ff ff ff ff",
        "not-shortest",
    ),
    ("negative-1-in-8-bit", "38 00", "not-shortest"),
    ("negative-256-in-16-bit", "39 00 ff", "not-shortest"),
    ("bytes-length-in-8-bit", "58 01 00", "not-shortest"),
    ("text-length-in-8-bit", "78 01 61", "not-shortest"),
    ("text-length-in-16-bit", "79 00 01 61", "not-shortest"),
    ("list-count-in-8-bit", "98 01 00", "not-shortest"),
    ("map-count-in-8-bit", "b8 01 61 61 00", "not-shortest"),
    ("key-length-in-8-bit", "a1 78 01 61 00", "not-shortest"),
    (
        "tag-42-in-16-bit",
        "d9 00 2a 58 25 00 01 71 12 20",
        "not-shortest",
    ),
    ("tag-2-in-8-bit", "d8 02 41 01", "not-shortest"),
    // Indefinite lengths
    ("indefinite-bytes", "5f 41 00 ff", "indefinite"),
    ("indefinite-text", "7f 61 61 ff", "indefinite"),
    ("indefinite-list", "9f 00 ff", "indefinite"),
    ("indefinite-map", "bf 61 61 00 ff", "indefinite"),
    ("indefinite-key", "a1 7f 61 61 ff 00", "indefinite"),
    ("indefinite-integer", "1f", "indefinite"),
    ("indefinite-tag", "df 00", "indefinite"),
    ("stray-break", "ff", "indefinite"),
    ("break-in-list", "82 00 ff", "indefinite"),
    // Floats
    ("float-16-zero", "f9 00 00", "float"),
    ("float-16-one", "f9 3c 00", "float"),
    ("float-16-nan", "f9 7e 00", "float"),
    ("float-16-infinity", "f9 7c 00", "float"),
    ("float-32-one", "fa 3f 80 00 00", "float"),
    ("float-32-nan", "fa 7f c0 00 00", "float"),
    ("float-64-one", "fb 3f f0 00 00 00 00 00 00", "float"),
    ("float-64-tenth", "fb 3f b9 99 99 99 99 99 9a", "float"),
    ("float-64-minus-zero", "fb 80 00 00 00 00 00 00 00", "float"),
    ("float-64-nan", "fb 7f f8 00 00 00 00 00 00", "float"),
    ("float-64-infinity", "fb 7f f0 00 00 00 00 00 00", "float"),
    ("float-in-list", "82 00 fb 40 00 00 00 00 00 00 00", "float"),
    ("float-in-map", "a1 61 61 f9 3c 00", "float"),
    // Simple values
    ("undefined", "f7", "simple"),
    ("simple-0", "e0", "simple"),
    ("simple-19", "f3", "simple"),
    ("simple-32", "f8 20", "simple"),
    ("simple-255", "f8 ff", "simple"),
    ("false-in-two-bytes", "f8 14", "simple"),
    // Reserved heads
    ("head-28-integer", "1c", "head"),
    ("head-29-bytes", "5d", "head"),
    ("head-30-text", "7e", "head"),
    ("head-28-list", "9c", "head"),
    ("head-28-tag", "dc", "head"),
    ("head-29-simple", "fd", "head"),
    // Integers beyond 64 bits
    (
        "integer-2-63",
        "1b 80 00 00 00 00 00 00 00",
        "integer-range",
    ),
    (
        "integer-2-64-1",
        "1b ff ff ff ff ff ff ff ff",
        "integer-range",
    ),
    (
        "negative-2-63-1",
        "3b 80 00 00 00 00 00 00 00",
        "integer-range",
    ),
    (
        "negative-2-64",
        "3b ff ff ff ff ff ff ff ff",
        "integer-range",
    ),
    // Tags
    ("tag-0-date", "c0 61 61", "tag"),
    ("tag-1-time", "c1 00", "tag"),
    ("tag-2-big-integer", "c2 41 01", "tag"),
    ("tag-4-decimal-fraction", "c4 82 20 01", "tag"),
    ("tag-23", "d7 40", "tag"),
    ("tag-43", "d8 2b 40", "tag"),
    ("tag-55799-self-described", "d9 d9 f7 00", "tag"),
    ("tag-2-64-1", "db ff ff ff ff ff ff ff ff 00", "tag"),
    // Links
    ("link-of-integer", "d8 2a 00", "link-form"),
    ("link-of-text", "d8 2a 61 61", "link-form"),
    ("link-of-list", "d8 2a 80", "link-form"),
    ("link-of-link", "d8 2a d8 2a 40", "link-form"),
    ("link-of-nothing", "d8 2a 40", "link-form"),
    (
        "link-without-prefix",
        "d8 2a 58 24 01 71 12 20 00*32",
        "link-form",
    ),
    (
        "link-prefix-1",
        "d8 2a 58 25 01 01 71 12 20 00*32",
        "link-form",
    ),
    (
        "link-length-not-shortest",
        "d8 2a 59 00 25 00 01 71 12 20 00*32",
        "not-shortest",
    ),
    ("link-indefinite", "d8 2a 5f 41 00 ff", "indefinite"),
    ("link-only-prefix", "d8 2a 41 00", "link"),
    ("link-version-0", "d8 2a 58 23 00 12 20 00*32", "link"),
    ("link-version-2", "d8 2a 58 25 00 02 71 12 20 00*32", "link"),
    (
        "link-version-1-in-two-bytes",
        "d8 2a 58 26 00 81 00 71 12 20 00*32",
        "link",
    ),
    (
        "link-codec-dag-pb",
        "d8 2a 58 25 00 01 70 12 20 00*32",
        "link",
    ),
    (
        "link-codec-git-raw",
        "d8 2a 58 25 00 01 78 12 20 00*32",
        "link",
    ),
    (
        "link-codec-dag-json",
        "d8 2a 58 27 00 01 a9 02 12 20 00*33",
        "link",
    ),
    (
        "link-hash-identity",
        "d8 2a 47 00 01 55 00 02 61 62",
        "link",
    ),
    ("link-hash-sha1", "d8 2a 58 19 00 01 55 11 14 00*20", "link"),
    (
        "link-hash-sha2-512",
        "d8 2a 58 45 00 01 55 13 40 00*64",
        "link",
    ),
    (
        "link-hash-blake3",
        "d8 2a 58 25 00 01 55 1e 20 00*32",
        "link",
    ),
    (
        "link-digest-short",
        "d8 2a 58 24 00 01 71 12 20 00*31",
        "link",
    ),
    (
        "link-digest-long",
        "d8 2a 58 26 00 01 71 12 20 00*33",
        "link",
    ),
    (
        "link-digest-length-31",
        "d8 2a 58 24 00 01 71 12 1f 00*31",
        "link",
    ),
    // Text
    ("text-lone-continuation", "61 80", "utf8"),
    ("text-overlong-slash", "62 c0 af", "utf8"),
    ("text-overlong-nul", "62 c0 80", "utf8"),
    ("text-surrogate", "63 ed a0 80", "utf8"),
    ("text-above-10ffff", "64 f4 90 80 80", "utf8"),
    ("text-cut-character", "61 c3", "utf8"),
    ("key-not-utf8", "a1 61 ff 00", "utf8"),
    // Map keys
    ("key-integer", "a1 00 00", "key-type"),
    ("key-negative", "a1 20 00", "key-type"),
    ("key-bytes", "a1 41 61 00", "key-type"),
    ("key-null", "a1 f6 00", "key-type"),
    ("key-list", "a1 80 00", "key-type"),
    ("key-float", "a1 f9 3c 00 00", "key-type"),
    ("key-tag", "a1 c0 61 61 00", "key-type"),
    ("keys-unsorted", "a2 61 62 00 61 61 00", "key-order"),
    (
        "keys-bytewise-not-length-first",
        "a2 62 61 61 00 61 62 00",
        "key-order",
    ),
    ("keys-twice", "a2 61 61 00 61 61 00", "key-order"),
    ("keys-twice-empty", "a2 60 00 60 00", "key-order"),
    (
        "keys-twice-not-adjacent",
        "a3 61 61 00 61 62 00 61 61 00",
        "key-order",
    ),
    (
        "keys-unsorted-inside",
        "a1 61 61 a2 61 62 00 61 61 00",
        "key-order",
    ),
    (
        "keys-utf8-unsorted",
        "a2 62 c3 a9 00 62 7a 7a 00",
        "key-order",
    ),
    // Keys of the format
    ("reserved-key", "a1 64 24 66 6f 6f 00", "reserved-key"),
    ("reserved-key-dollar", "a1 61 24 00", "reserved-key"),
    (
        "reserved-key-among-others",
        "a2 61 61 00 62 24 62 00",
        "reserved-key",
    ),
    (
        "decimal-with-company",
        "a2 61 61 00 64 24 64 65 63 63 30 2e 31",
        "reserved-key",
    ),
    // Decimals
    ("decimal-of-integer", "a1 64 24 64 65 63 01", "decimal-form"),
    ("decimal-of-null", "a1 64 24 64 65 63 f6", "decimal-form"),
    ("decimal-of-map", "a1 64 24 64 65 63 a0", "decimal-form"),
    ("decimal-0", "a1 64 24 64 65 63 61 30", "decimal-form"),
    ("decimal-7", "a1 64 24 64 65 63 61 37", "decimal-form"),
    (
        "decimal-minus-7",
        "a1 64 24 64 65 63 62 2d 37",
        "decimal-form",
    ),
    ("decimal-empty", "a1 64 24 64 65 63 60", "decimal"),
    ("decimal-1.0", "a1 64 24 64 65 63 63 31 2e 30", "decimal"),
    (
        "decimal-0.10",
        "a1 64 24 64 65 63 64 30 2e 31 30",
        "decimal",
    ),
    (
        "decimal-00.1",
        "a1 64 24 64 65 63 64 30 30 2e 31",
        "decimal",
    ),
    (
        "decimal-plus",
        "a1 64 24 64 65 63 64 2b 30 2e 31",
        "decimal",
    ),
    (
        "decimal-point-first",
        "a1 64 24 64 65 63 62 2e 31",
        "decimal",
    ),
    (
        "decimal-point-last",
        "a1 64 24 64 65 63 62 31 2e",
        "decimal",
    ),
    (
        "decimal-exponent",
        "a1 64 24 64 65 63 64 31 65 2d 31",
        "decimal",
    ),
    (
        "decimal-minus-zero",
        "a1 64 24 64 65 63 64 2d 30 2e 30",
        "decimal",
    ),
    (
        "decimal-white-space",
        "a1 64 24 64 65 63 64 20 30 2e 31",
        "decimal",
    ),
    ("decimal-nan", "a1 64 24 64 65 63 63 4e 61 4e", "decimal"),
    (
        "decimal-arabic-digits",
        "a1 64 24 64 65 63 64 30 2e d9 a1",
        "decimal",
    ),
    (
        "decimal-29-digits",
        "a1 64 24 64 65 63 78 1f 30 2e 31*28 32",
        "decimal",
    ),
    (
        "decimal-128-places",
        "a1 64 24 64 65 63 78 82 30 2e 30*127 31",
        "decimal",
    ),
    (
        "decimal-29-digit-integer",
        "a1 64 24 64 65 63 78 1d 39*29",
        "decimal",
    ),
];

/// The bytes that a line of the table means: two digits are a byte, `00*32` is 32 of them.
pub(crate) fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in text.split_whitespace() {
        let (byte, times) = word.split_once('*').unwrap_or((word, "1"));
        let byte = u8::from_str_radix(byte, 16).unwrap();
        bytes.extend(std::iter::repeat_n(byte, times.parse().unwrap()));
    }
    bytes
}
