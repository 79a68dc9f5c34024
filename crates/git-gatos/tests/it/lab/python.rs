//! The machine's Python, made to run from wherever it is copied to: a study's sandbox has nothing
//! else.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

/// Where Debian's Python is, and its standard library below `lib`.
const PYTHON: &str = "/usr/bin/python3";
/// What of the library no study needs, and much of its size.
const LEFT_OUT: [&str; 9] = [
    "__pycache__",
    "config-3",
    "dist-packages",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "pydoc_data",
    "test",
    "tkinter",
];
/// Started by bash, which finds no other interpreter named in it, and is told its own path as `$0`.
const WRAPPER: &str = r#"here=${0%/bin/*}
PYTHONHOME=$here exec "$here/lib/ld.so" --library-path "$here/lib" "$here/bin/python" "$@"
"#;

/// Puts Python into `tools/bin` and `tools/lib`.
pub(super) fn copy(tools: &Path) {
    let program = fs::canonicalize(PYTHON)
        .unwrap_or_else(|error| panic!("{PYTHON}: {error}\nrun `cargo xtask setup`"));
    let name = program.file_name().unwrap();
    let library = Path::new("/usr/lib").join(name);
    fs::copy(&program, tools.join("bin/python")).unwrap();
    fs::write(tools.join("bin/python3"), WRAPPER).unwrap();
    fs::set_permissions(tools.join("bin/python3"), fs::Permissions::from_mode(0o755)).unwrap();
    copy_tree(&library, &tools.join("lib").join(name));
    let output = Command::new("ldd").arg(&program).output().unwrap();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let Some(path) = line.split_whitespace().find(|word| word.starts_with('/')) else {
            continue;
        };
        let file = Path::new(path).file_name().unwrap().to_str().unwrap();
        let file = if file.starts_with("ld-") {
            "ld.so"
        } else {
            file
        };
        fs::copy(path, tools.join("lib").join(file)).unwrap();
    }
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if LEFT_OUT
            .iter()
            .any(|out| name.to_string_lossy().starts_with(out))
        {
            continue;
        }
        let target = to.join(&name);
        let path = entry.path();
        if path.is_dir() {
            copy_tree(&path, &target);
        } else if path.exists() {
            fs::copy(path, target).unwrap();
        }
    }
}
