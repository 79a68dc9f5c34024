//! The test programs of the workspace, made independent of where this checkout is.
//!
//! Cargo writes the absolute paths of the checkout and of the built programs into them. In the
//! sandbox neither exists, so those paths are replaced, byte for byte and of the same length, by
//! paths below `/build`, where `checks/tests.sh` puts the sources and the packaged program.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::add_program;
use crate::checkout;
use crate::failure::{Failure, Named, Outcome};
use crate::process::{capture, say};

/// Where the checkout and cargo's products are in the sandbox.
const ROOT: &str = "/build/r";
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
    let (root, target) = paths.there();
    for (name, text) in [
        ("table", table),
        ("root", root + "\n"),
        ("target", target + "\n"),
    ] {
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
        for path in [&root, &target] {
            if path.len() < ROOT.len() {
                let what = format!("`{path}` is too short for the tests to run in the sandbox");
                let least = ROOT.len();
                let hint = format!("use a folder whose path has at least {least} characters");
                return Err(Failure::new(what).hint(hint));
            }
        }
        Ok(Self { root, target })
    }

    fn replaced(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        let (root, target) = self.there();
        if !self.target.starts_with(&self.root) {
            replace(&mut bytes, &self.target, &target);
        }
        replace(&mut bytes, &self.root, &root);
        bytes
    }

    /// What replaces the paths, of the same lengths.
    fn there(&self) -> (String, String) {
        let root = filled(ROOT, self.root.len());
        let target = match self.target.strip_prefix(&self.root) {
            Some(inside) => format!("{root}{inside}"),
            None => filled(TARGET, self.target.len()),
        };
        (root, target)
    }
}

/// The path made longer by repeating its last character.
fn filled(path: &str, length: usize) -> String {
    let last = path.chars().next_back().unwrap_or('/');
    let mut filled = path.to_owned();
    filled.extend(std::iter::repeat_n(last, length.saturating_sub(path.len())));
    filled
}

/// Replaces every `from` by `to`, which is as long.
fn replace(bytes: &mut [u8], from: &str, to: &str) {
    assert_eq!(
        from.len(),
        to.len(),
        "what follows in the program must stay in its place"
    );
    let (from, to) = (from.as_bytes(), to.as_bytes());
    let mut position = 0;
    while let Some(rest) = bytes
        .get(position..)
        .filter(|rest| rest.len() >= from.len())
    {
        let Some(found) = rest.windows(from.len()).position(|window| window == from) else {
            return;
        };
        let start = position + found;
        bytes[start..start + to.len()].copy_from_slice(to);
        position = start + to.len();
    }
}

#[cfg(test)]
mod tests {
    use super::{Paths, replace};

    fn check(text: &str, from: &str, to: &str, expected: &str) {
        let mut bytes = text.as_bytes().to_vec();
        replace(&mut bytes, from, to);
        assert_eq!(String::from_utf8_lossy(&bytes), expected);
    }

    #[test]
    fn paths_are_replaced_in_place() {
        check(
            "a/home/me/x/b/home/me",
            "/home/me",
            "/build/r",
            "a/build/r/x/b/build/r",
        );
        check("/home/m", "/home/me", "/build/r", "/home/m");
        check("", "/home/me", "/build/r", "");
    }

    #[test]
    fn products_outside_of_the_checkout_have_a_place_of_their_own() {
        let check = |target: &str, expected: &str| {
            let paths = Paths {
                root: "/home/me/g".to_owned(),
                target: target.to_owned(),
            };
            assert_eq!(
                paths.there(),
                ("/build/rrr".to_owned(), expected.to_owned())
            );
        };
        check("/home/me/g/target", "/build/rrr/target");
        check("/cache/target", "/build/tttttt");
    }
}
