//! What a study needs of the world: `flake:gatos` and a package set, both made of this checkout and of the
//! static programs that `cargo xtask setup` installs.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Lab;

/// Where a static busybox lies on Debian.
const BUSYBOX: &str = "/bin/busybox";
/// What of it the wrapper of a job and the studies of these tests use.
const APPLETS: [&str; 8] = ["cat", "head", "ln", "mkdir", "sort", "sleep", "wc", "od"];

/// The package set: as much of nixpkgs as bash scripts need.
const NIXPKGS: &str = r#"{
  outputs = _: {
    legacyPackages = builtins.listToAttrs (map (system: {
      name = system;
      value = rec {
        stdenv.hostPlatform = { inherit system; };
        bash = { outPath = builtins.path { name = "tools"; path = ./tools; }; };
        coreutils = bash;
        python3 = throw "this package set has no Python";
      };
    }) [ "x86_64-linux" "aarch64-linux" ]);
  };
}
"#;

impl Lab {
    /// Makes `flake:gatos` known in this place, with packages of its own and no network.
    pub(crate) fn with_packages(&self) {
        let nixpkgs = self.path("nixpkgs");
        let bin = nixpkgs.join("tools/bin");
        fs::create_dir_all(&bin).unwrap();
        copy_program(Path::new(BUSYBOX), &bin.join("busybox"));
        copy_program(&static_bash(), &bin.join("bash"));
        for applet in APPLETS {
            symlink("busybox", bin.join(applet)).unwrap();
        }
        fs::write(nixpkgs.join("flake.nix"), NIXPKGS).unwrap();
        let gatos = self.path("gatos");
        copy_folder(&checkout().join("nix/lib"), &gatos.join("lib"));
        let flake = format!(
            "{{ inputs.nixpkgs.url = \"path:{}\"; outputs = _: {{ lib = import ./lib; }}; }}\n",
            nixpkgs.display()
        );
        fs::write(gatos.join("flake.nix"), flake).unwrap();
        let config = self.path("home/.config/nix");
        fs::create_dir_all(&config).unwrap();
        fs::write(
            config.join("nix.conf"),
            "flake-registry =\nwarn-dirty = false\n",
        )
        .unwrap();
        let entry = serde_json::json!({
            "version": 2,
            "flakes": [{
                "from": { "type": "indirect", "id": "gatos" },
                "to": { "type": "path", "path": gatos },
            }],
        });
        fs::write(config.join("registry.json"), entry.to_string()).unwrap();
    }
}

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The static bash that Nix offers as `/bin/sh` in its sandbox.
fn static_bash() -> PathBuf {
    let asked = [
        "--extra-experimental-features",
        "nix-command",
        "config",
        "show",
        "sandbox-paths",
    ];
    let output = Command::new("nix").args(asked).output().unwrap();
    let paths = String::from_utf8(output.stdout).unwrap();
    let shell = paths
        .split_whitespace()
        .find_map(|path| path.strip_prefix("/bin/sh="));
    PathBuf::from(
        shell.unwrap_or_else(|| panic!("no /bin/sh in the sandbox: run `cargo xtask setup`")),
    )
}

fn copy_program(from: &Path, to: &Path) {
    fs::copy(from, to)
        .unwrap_or_else(|error| panic!("{}: {error}\nrun `cargo xtask setup`", from.display()));
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
