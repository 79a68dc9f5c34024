//! Jobs that are not deterministic in the usual ways: found, and called by their names. (J-02)

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use gatos_nix::Cancel;
use gatos_nix::clean_room::{CleanRoom, DependencyPolicy};
use gatos_nix::derivation::DrvClosure;
use gatos_nix::difference::{Cause, first_difference};
use gatos_nix::nar::{self, Archive};
use gatos_nix::realise::{Options, Outcome};

use crate::stage::Stage;

/// A file name, what writes it, and what must be said about it.
const SAMPLES: [(&str, &str, Cause); 12] = [
    ("date", "date", Cause::Time),
    ("seconds", "date +%s", Cause::Time),
    (
        "json",
        "echo \"{'made': '$(date -I)T$(date +%T)', 'n': 1}\"",
        Cause::Time,
    ),
    ("random", "echo $RANDOM.$RANDOM", Cause::Random),
    (
        "hex",
        "head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \\n'",
        Cause::RandomId,
    ),
    ("uuid", "cat /proc/sys/kernel/random/uuid", Cause::RandomId),
    ("noise", "head -c 4000 /dev/urandom", Cause::Random),
    ("uptime", "echo uptime: $(cat /proc/uptime)", Cause::Machine),
    ("cores", "echo threads: $NIX_BUILD_CORES", Cause::Machine),
    (
        "order",
        "seq 9 | if [ $NIX_BUILD_CORES = 2 ]; then sort -r; else sort; fi",
        Cause::Order,
    ),
    (
        "sum",
        // The same numbers added up in one part and in two.
        "awk -v n=$NIX_BUILD_CORES 'BEGIN { for (i = 1; i <= 999; i++) s[i % n] += 1 / i; for (k in s) t += s[k]; printf \"%.17g\\n\", t }'",
        Cause::FloatNoise,
    ),
    ("tar", "touch f; tar cf - f", Cause::ArchiveTime),
];

#[test]
fn j02_seeded_nondeterminism_is_found_and_labelled() {
    let stage = Stage::new();
    let mut script = String::from("mkdir $out; echo steady > $out/steady\n");
    for (name, command, _) in SAMPLES {
        script.push_str(&format!("({command}) > $out/{name}\n"));
    }
    let file = stage.file("script.sh", &script);
    let closure = stage.instantiate(&format!("toy \"j\" \"sh ${{{}}}\" {{}}", file.display()));
    let first = build(&stage, &closure, 1);
    let began = seconds();
    while seconds() == began {
        // Times are written in seconds, so the second build must begin in another one.
        std::thread::yield_now();
    }
    let second = build(&stage, &closure, 2);
    for (name, _, expect) in SAMPLES {
        let mut archive = Vec::new();
        nar::write(&first.join(name), &mut archive).unwrap();
        let found = first_difference(Archive::Bytes(&archive), &second.join(name)).unwrap();
        let found = found.unwrap_or_else(|| panic!("{name} is the same twice"));
        assert_eq!(found.cause, expect, "{name}: {found:?}");
    }
    // The control: what is steady is not found.
    let mut archive = Vec::new();
    nar::write(&first.join("steady"), &mut archive).unwrap();
    let found = first_difference(Archive::Bytes(&archive), &second.join("steady")).unwrap();
    assert_eq!(found, None);
    // Of the whole output, the first in the order of the archive is named.
    let mut archive = Vec::new();
    nar::write(&first, &mut archive).unwrap();
    let found = first_difference(Archive::Bytes(&archive), &second)
        .unwrap()
        .unwrap();
    assert_eq!(found.path.to_str(), Some("cores"));
}

fn seconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

fn build(stage: &Stage, closure: &DrvClosure, cores: u32) -> PathBuf {
    let room = CleanRoom::new(&stage.nix, stage.folder.path()).unwrap();
    let mut options = Options {
        timeout: None,
        cancel: Cancel::new(),
        cores: Some(cores),
        progress: &mut |_| {},
    };
    let policy = DependencyPolicy::StoresAndCaches;
    room.prepare(closure, &BTreeMap::new(), policy, &mut options)
        .unwrap();
    let execution = room.realise(closure, &mut options).unwrap();
    let Outcome::Succeeded { outputs } = execution.outcome else {
        panic!("{execution:?}");
    };
    let copy = stage.path(&format!("built-{cores}"));
    let mut archive = Vec::new();
    nar::write(&room.on_disk(&outputs["out"].path), &mut archive).unwrap();
    let limits = nar::RestoreLimits { max_bytes: 1 << 30 };
    nar::restore(&mut &archive[..], &copy, limits).unwrap();
    assert!(fs::exists(&copy).unwrap());
    copy
}
