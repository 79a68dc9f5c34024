//! What a study needs of the world: `flake:gatos` and a package set, both made of this checkout and
//! of the static programs that `cargo xtask setup` installs.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::{Lab, python};

/// What of it the wrapper of a job and the studies of these tests use.
const APPLETS: [&str; 8] = ["cat", "head", "ln", "mkdir", "sort", "sleep", "wc", "od"];

/// The package set: as much of nixpkgs as scripts in bash and Python need.
const NIXPKGS: &str = r#"{
  outputs = _: {
    legacyPackages = builtins.listToAttrs (map (system: {
      name = system;
      value = rec {
        stdenv.hostPlatform = { inherit system; };
        bash = { outPath = builtins.path { name = "tools"; path = ./tools; }; };
        coreutils = bash;
        python3 = bash;
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
        copy_program("busybox", &bin.join("busybox"));
        copy_program("bash-static", &bin.join("bash"));
        for applet in APPLETS {
            symlink("busybox", bin.join(applet)).unwrap();
        }
        fs::create_dir_all(nixpkgs.join("tools/lib")).unwrap();
        python::copy(&nixpkgs.join("tools"));
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

/// Copies a static program that is on `PATH`.
fn copy_program(name: &str, to: &Path) {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name));
    let program = found.into_iter().find(|file| file.is_file());
    let program = program.unwrap_or_else(|| panic!("no {name} on PATH: run `cargo xtask setup`"));
    fs::copy(program, to).unwrap();
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
