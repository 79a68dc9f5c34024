//! Binary caches: honest ones, poisoned ones, and who vouched. (J-08)

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gatos_nix::StorePath;
use gatos_nix::clean_room::{Blocked, CleanRoom, CleanRoomError, DependencyPolicy};
use gatos_nix::derivation::DrvClosure;
use gatos_nix::nix::Nix;
use gatos_nix::realise::Outcome;

use crate::stage::{Stage, quiet};

const JOB: &str = r#"let
    tool = derivation {
      name = "tool"; system = builtins.currentSystem; builder = "${tools}/sh";
      args = [ "-euc" "mkdir $out; echo 'echo good' > $out/run" ]; PATH = "${tools}";
    };
  in toy "j" "sh ${tool}/run > $out" {}"#;

/// A machine that filled a cache, and one that has nothing but the evidence and the cache.
struct World {
    builder: Stage,
    here: Stage,
    closure: DrvClosure,
    tool: StorePath,
    target: StorePath,
}

impl World {
    fn new() -> Self {
        let builder = Stage::new();
        let closure = builder.instantiate(JOB);
        assert!(matches!(
            builder.realise(&closure).unwrap().outcome,
            Outcome::Succeeded { .. }
        ));
        let here = Stage::new();
        // The sources are here, the outputs are not.
        here.instantiate(JOB);
        for key in ["good-1", "evil-1"] {
            let (secret, public) = (
                here.path(&format!("{key}.secret")),
                here.path(&format!("{key}.public")),
            );
            run(Command::new("nix-store")
                .args(["--generate-binary-cache-key", key, "--store"])
                .arg(format!("local?root={}", here.nix.store_root().display()))
                .arg(&secret)
                .arg(&public));
        }
        Self {
            tool: closure.dependencies().into_keys().next().unwrap(),
            target: closure.root().outputs()["out"].clone().unwrap(),
            builder,
            here,
            closure,
        }
    }

    /// Copy a path with what it refers to into a cache, signed by `key`.
    fn fill(&self, name: &str, path: &StorePath, key: &str) -> PathBuf {
        let cache = self.here.path(name);
        let to = format!(
            "file://{}?compression=none&secret-key={}",
            cache.display(),
            self.here.path(&format!("{key}.secret")).display()
        );
        run(Command::new("nix")
            .args(["--extra-experimental-features", "nix-command", "copy"])
            .arg("--from")
            .arg(format!(
                "local?root={}",
                self.builder.nix.store_root().display()
            ))
            .args(["--to", &to, &path.to_string()]));
        cache
    }

    /// A Nix that is configured with this cache and trusts the good key.
    fn with_cache(&self, cache: &Path) -> Nix {
        let key = fs::read_to_string(self.here.path("good-1.public")).unwrap();
        let script = format!(
            "export NIX_CONFIG='substituters = file://{}\ntrusted-public-keys = {}' HOME=$here XDG_CACHE_HOME=$here",
            cache.display(),
            key.trim()
        );
        self.here.altered(&script).unwrap()
    }

    /// Prepare and build; returns who vouched for the tool, and what the job wrote.
    fn reproduce(&self, cache: &Path) -> Result<(String, String), CleanRoomError> {
        let room = CleanRoom::new(&self.with_cache(cache), self.here.folder.path())?;
        let policy = DependencyPolicy::StoresAndCaches;
        let listed = room.prepare(&self.closure, &BTreeMap::new(), policy, &mut quiet())?;
        let by = listed
            .into_iter()
            .find(|d| d.path == self.tool.base_name())
            .unwrap()
            .vouched_by;
        let execution = room.realise(&self.closure, &mut quiet())?;
        assert!(
            matches!(execution.outcome, Outcome::Succeeded { .. }),
            "{execution:?}"
        );
        Ok((by, fs::read_to_string(room.on_disk(&self.target)).unwrap()))
    }

    /// Replace the archive of `path` in a cache by one of other contents.
    fn swap_archive(&self, cache: &Path, path: &StorePath) {
        let info = fs::read_to_string(narinfo(cache, path)).unwrap();
        let url = info
            .lines()
            .find_map(|line| line.strip_prefix("URL: "))
            .unwrap();
        let archive = fs::read(cache.join(url)).unwrap();
        let swapped = replace(&archive, b"good", b"evil");
        fs::write(cache.join(url), swapped).unwrap();
    }

    /// A cache that has the target, with other bytes and a good signature on them.
    fn poisoned_target(&self) -> PathBuf {
        let cache = self.fill("cache", &self.target, "good-1");
        self.swap_archive(&cache, &self.target);
        let mut info = fs::read_to_string(narinfo(&cache, &self.target)).unwrap();
        let url = info
            .lines()
            .find_map(|line| line.strip_prefix("URL: "))
            .unwrap()
            .to_owned();
        let digest = gatos_nix::nar::digest(&fs::read(cache.join(&url)).unwrap());
        let hash = format!(
            "sha256:{}",
            nix_derivation::nixbase32::encode(&digest.sha256)
        );
        for field in ["NarHash: ", "FileHash: "] {
            let line = info
                .lines()
                .find(|line| line.starts_with(field))
                .unwrap()
                .to_owned();
            info = info.replace(&line, &format!("{field}{hash}"));
        }
        let unsigned: String = info
            .lines()
            .filter(|l| !l.starts_with("Sig: "))
            .map(|l| format!("{l}\n"))
            .collect();
        fs::write(narinfo(&cache, &self.target), unsigned).unwrap();
        run(Command::new("nix")
            .args([
                "--extra-experimental-features",
                "nix-command",
                "store",
                "sign",
                "-k",
            ])
            .arg(self.here.path("good-1.secret"))
            .arg("--store")
            .arg(format!("file://{}", cache.display()))
            .arg(self.target.to_string()));
        cache
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn narinfo(cache: &Path, path: &StorePath) -> PathBuf {
    cache.join(format!("{}.narinfo", path.hash_part()))
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut out = bytes.to_vec();
    let at = out.windows(from.len()).position(|w| w == from).unwrap();
    out[at..at + to.len()].copy_from_slice(to);
    out
}

#[test]
fn a_dependency_from_an_honest_cache_is_listed_with_its_key() {
    let world = World::new();
    let cache = world.fill("cache", &world.tool, "good-1");
    let (by, wrote) = world.reproduce(&cache).unwrap();
    assert_eq!(by, format!("file://{} signed by good-1", cache.display()));
    assert_eq!(wrote, "good\n");
}

/// What is wrong, the key that signs, and how the cache is poisoned.
type Poison<'a> = (&'a str, &'a str, &'a dyn Fn(&Path));

#[test]
fn j08_poisoned_caches_give_nothing() {
    let world = World::new();
    let cases: [Poison<'_>; 5] = [
        ("signed by a key that is not trusted", "evil-1", &|_| {}),
        ("an archive that was swapped", "good-1", &|cache| {
            world.swap_archive(cache, &world.tool)
        }),
        ("an archive that is missing", "good-1", &|cache| {
            fs::remove_dir_all(cache.join("nar")).unwrap();
        }),
        (
            "a record that was altered after it was signed",
            "good-1",
            &|cache| {
                let file = narinfo(cache, &world.tool);
                let info = fs::read_to_string(&file).unwrap();
                let hash = info
                    .lines()
                    .find(|line| line.starts_with("NarHash: "))
                    .unwrap();
                let other = format!("NarHash: sha256:{}", "0".repeat(52));
                fs::write(&file, info.replace(hash, &other)).unwrap();
            },
        ),
        ("the record of another path", "good-1", &|cache| {
            let file = narinfo(cache, &world.tool);
            let info = fs::read_to_string(&file).unwrap();
            fs::write(
                &file,
                info.replace(&world.tool.hash_part(), &"0".repeat(32)),
            )
            .unwrap();
        }),
    ];
    for (at, (what, key, poison)) in cases.iter().enumerate() {
        let cache = world.fill(&format!("cache-{at}"), &world.tool, key);
        poison(&cache);
        // What cannot be fetched honestly is built, or the reproduction is blocked. Nothing else.
        match world.reproduce(&cache) {
            Ok((by, wrote)) => {
                assert_eq!((by.as_str(), wrote.as_str()), ("built", "good\n"), "{what}")
            }
            Err(CleanRoomError::Blocked(Blocked::DependencyMissing { .. })) => {}
            Err(error) => panic!("{what}: {error}"),
        }
    }
}

#[test]
fn j08_the_target_never_comes_from_a_cache() {
    let world = World::new();
    let cache = world.poisoned_target();
    // The control: Nix itself takes it.
    let nix = world.with_cache(&cache);
    let control = Stage::new();
    let output = Command::new("nix-store")
        .args(["--realise", &world.target.to_string(), "--store"])
        .arg(format!("local?root={}", control.path("store").display()))
        .args([
            "--option",
            "substituters",
            &format!("file://{}", cache.display()),
        ])
        .args(["--option", "trusted-public-keys"])
        .arg(
            fs::read_to_string(world.here.path("good-1.public"))
                .unwrap()
                .trim(),
        )
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let taken = world.target.below(&control.path("store"));
    assert_eq!(fs::read_to_string(taken).unwrap(), "evil\n");

    let (_, wrote) = world.reproduce(&cache).unwrap();
    assert_eq!(wrote, "good\n");
    // And when a job is run, it is run.
    let mut options = quiet();
    let execution = gatos_nix::realise::realise(&nix, &world.closure, &mut options).unwrap();
    let Outcome::Succeeded { outputs } = execution.outcome else {
        panic!("{execution:?}");
    };
    let disk = outputs["out"].path.below(nix.store_root());
    assert_eq!(fs::read_to_string(disk).unwrap(), "good\n");
}
