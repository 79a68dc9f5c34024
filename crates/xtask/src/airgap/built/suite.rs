//! The test programs of the workspace, made independent of where this checkout is.
//!
//! Cargo writes the absolute paths of the checkout and of the built programs into them. In the
//! sandbox neither exists, so those paths are replaced, byte for byte and of the same length, by
//! paths below `/build`, where `nix/airgap/test.sh` puts the sources and the packaged program.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::add_program;
use crate::checkout;
use crate::failure::{Failure, Named, Outcome};
use crate::process::{capture, say};

/// Where the checkout and cargo's products are in the sandbox.
const ROOT: &str = "/build";
const TARGET: &str = "/build/t";

/// A test program as cargo tells of it.
struct Test {
    package: String,
    /// The package's folder, relative to the root.
    folder: String,
    name: String,
    executable: PathBuf,
}

/// Builds the test programs and writes them to `tests/` below `dir`, with a table of them.
pub(super) fn collect(dir: &Path) -> Outcome {
    say("building the tests with cargo");
    let mut cargo = checkout::cargo("test");
    cargo.args([
        "--quiet",
        "--locked",
        "--workspace",
        "--no-run",
        "--message-format=json",
    ]);
    let printed = capture(&mut cargo)?;
    let paths = Paths::here()?;
    let tests = dir.join("tests");
    let mut table = String::new();
    for test in printed.lines().filter_map(Test::read) {
        let file = format!("{}-{}", test.package, test.name);
        let program = tests.join("bin").join(&file);
        add_program(&test.executable, &program, &tests.join("lib"))?;
        let bytes = fs::read(&program).named(program.display())?;
        fs::write(&program, paths.replaced(bytes)).named(program.display())?;
        table.push_str(&format!("{}\t{}\t{file}\n", test.package, test.folder));
    }
    let target = paths.target_there();
    for (name, text) in [("table", table.as_str()), ("target", &target)] {
        fs::write(tests.join(name), text).named(tests.display())?;
    }
    Ok(())
}

impl Test {
    /// Reads one line of cargo's messages; most are about something else.
    fn read(line: &str) -> Option<Self> {
        let message: Value = serde_json::from_str(line).ok()?;
        let executable = message.get("executable")?.as_str()?;
        if !message.get("profile")?.get("test")?.as_bool()? {
            return None;
        }
        let folder = Path::new(message.get("manifest_path")?.as_str()?).parent()?;
        let target = message.get("target")?;
        let kind = target.get("kind")?.get(0)?.as_str()?;
        Some(Self {
            package: folder.file_name()?.to_str()?.to_owned(),
            folder: folder
                .strip_prefix(checkout::root())
                .ok()?
                .to_str()?
                .to_owned(),
            name: format!("{kind}-{}", target.get("name")?.as_str()?),
            executable: PathBuf::from(executable),
        })
    }
}

/// The paths that cargo wrote, which must not be shorter than what replaces them.
struct Paths {
    root: String,
    target: String,
}

impl Paths {
    fn here() -> Outcome<Self> {
        let text = |path: PathBuf| {
            path.to_str()
                .map(str::to_owned)
                .ok_or_else(|| Failure::new("a path is not UTF-8"))
        };
        let (root, target) = (text(checkout::root())?, text(checkout::target())?);
        for (path, least) in [(&root, ROOT.len()), (&target, TARGET.len())] {
            if path.len() < least {
                let what = format!("`{path}` is too short for the tests to run in the sandbox");
                let hint = format!("use a folder whose path has at least {least} characters");
                return Err(Failure::new(what).hint(hint));
            }
        }
        Ok(Self { root, target })
    }

    fn replaced(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        // The longer path first, because it may lie inside of the other.
        if !self.target.starts_with(&self.root) {
            replace(&mut bytes, &self.target, TARGET);
        }
        replace(&mut bytes, &self.root, ROOT);
        bytes
    }

    /// Where the tests look for cargo's products once the paths are replaced.
    fn target_there(&self) -> String {
        match self.target.strip_prefix(&self.root) {
            Some(inside) => format!("{ROOT}{inside}"),
            None => TARGET.to_owned(),
        }
    }
}

/// Replaces every `from` by `to`, filled up with slashes, which mean nothing at the end of a folder.
fn replace(bytes: &mut [u8], from: &str, to: &str) {
    let filled = format!("{to:/<width$}", width = from.len());
    let from = from.as_bytes();
    let mut position = 0;
    while let Some(rest) = bytes
        .get(position..)
        .filter(|rest| rest.len() >= from.len())
    {
        let Some(found) = rest.windows(from.len()).position(|window| window == from) else {
            return;
        };
        let start = position + found;
        bytes[start..start + from.len()].copy_from_slice(filled.as_bytes());
        position = start + from.len();
    }
}

#[cfg(test)]
mod tests {
    use super::{Paths, replace};

    fn check(text: &str, from: &str, to: &str, expected: &str) {
        let mut bytes = text.as_bytes().to_vec();
        replace(&mut bytes, from, to);
        assert_eq!(String::from_utf8_lossy(&bytes), expected);
        assert_eq!(bytes.len(), text.len());
    }

    #[test]
    fn paths_are_replaced_in_place() {
        check(
            "a/home/me/x/b/home/me/x",
            "/home/me",
            "/build",
            "a/build///x/b/build///x",
        );
        check("/home/m", "/home/me", "/build", "/home/m");
        check("", "/home/me", "/build", "");
    }

    #[test]
    fn products_outside_of_the_checkout_have_a_place_of_their_own() {
        let check = |target: &str, expected: &str| {
            let paths = Paths {
                root: "/home/me/gatos".to_owned(),
                target: target.to_owned(),
            };
            assert_eq!(paths.target_there(), expected);
        };
        check("/home/me/gatos/target", "/build/target");
        check("/cache/target", "/build/t");
    }
}
