//! Building again in an empty store.

use std::collections::BTreeMap;

use gatos_nix::clean_room::{CleanRoom, DependencyPolicy};
use gatos_nix::realise::Outcome;

use crate::stage::{Stage, quiet};

/// A job with a dependency of its own and a source.
const CHAIN: &str = r#"let
    data = builtins.toFile "data.txt" "1 2 3\n";
    tool = derivation {
      name = "tool"; system = builtins.currentSystem; builder = "${tools}/sh";
      args = [ "-euc" "mkdir $out; echo 'cat $1' > $out/run" ]; PATH = "${tools}";
    };
  in toy "chain" "mkdir $out; sh ${tool}/run ${data} > $out/copy" {}"#;

#[test]
fn j01_a_deterministic_job_is_the_same_in_two_stores() {
    let stage = Stage::new();
    let closure = stage.instantiate(CHAIN);
    let Outcome::Succeeded { outputs: first } = stage.realise(&closure).unwrap().outcome else {
        panic!("the first build failed");
    };
    for policy in [
        DependencyPolicy::StoresAndCaches,
        DependencyPolicy::FromSource,
    ] {
        let room = CleanRoom::new(&stage.nix, stage.folder.path()).unwrap();
        let dependencies = room
            .prepare(&closure, &BTreeMap::new(), policy, &mut quiet())
            .unwrap();
        let by: BTreeMap<_, _> = dependencies
            .iter()
            .map(|d| (d.path[33..].to_owned(), d.vouched_by.as_str()))
            .collect();
        let tool = match policy {
            DependencyPolicy::StoresAndCaches => "local store",
            DependencyPolicy::FromSource => "built",
        };
        let expect = [("data.txt", "source"), ("tool", tool), ("tools", "source")];
        assert_eq!(by, expect.map(|(name, by)| (name.to_owned(), by)).into());
        let execution = room.realise(&closure, &mut quiet()).unwrap();
        let Outcome::Succeeded { outputs: second } = execution.outcome else {
            panic!("{execution:?}");
        };
        assert_eq!(first["out"].nar, second["out"].nar);
        assert_eq!(
            second["out"].nar,
            gatos_nix::nar::hash(&room.on_disk(&second["out"].path)).unwrap()
        );
    }
}
