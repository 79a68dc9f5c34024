//! Rust and C compilers for other processors: a folder of Debian packages that is entered to build.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::checkout;
use crate::failure::{Named, Outcome};
use crate::process::{capture, run, say};

/// The newest Debian: its Rust is at least ours.
const SUITE: &str = "sid";
/// What is unpacked, for this processor and for the others.
const PACKAGES: &str = "rustc,cargo,libstd-rust-dev:arm64,libstd-rust-dev:s390x,\
    gcc-aarch64-linux-gnu,gcc-s390x-linux-gnu,libc6-dev:arm64,libc6-dev:s390x,\
    libgcc-s1:arm64,libgcc-s1:s390x,bash,coreutils,binutils";
/// Enters the folder `$1` with the checkout `$2` and the cache `$3` in it; the mounts end with it.
const ENTER: &str = r#"set -e
root=$1 source=$2 cache=$3
shift 3
mkdir -p "$root/gatos/source" "$root/gatos/cache" "$root/proc" "$root/dev"
mount --bind "$source" "$root/gatos/source"
mount -o remount,bind,ro "$root/gatos/source"
mount --bind "$cache" "$root/gatos/cache"
mount -t proc none "$root/proc"
mount --rbind /dev "$root/dev"
exec chroot "$root" "$@"
"#;

/// The folder, and the crates that are built in it.
#[derive(Clone, Debug)]
pub(super) struct Toolchain {
    /// Everything of ours in the cache
    cache: PathBuf,
}

impl Toolchain {
    /// Makes what is missing, and fetches the crates that the workspace in `program` needs.
    pub(super) fn ready(program: &Path) -> Outcome<Self> {
        let toolchain = Self {
            cache: checkout::cache()?.join("cross"),
        };
        fs::create_dir_all(&toolchain.cache).named(toolchain.cache.display())?;
        if !toolchain.root().exists() {
            toolchain.unpack()?;
        }
        toolchain.vendor(program)?;
        Ok(toolchain)
    }

    /// The folder of packages.
    pub(super) fn root(&self) -> PathBuf {
        self.cache.join("root")
    }

    /// Unpacks beside the final place and renames: what was interrupted leaves nothing half-done.
    fn unpack(&self) -> Outcome {
        say("unpacking Debian's compilers for other processors, 2 GB");
        let new = self.cache.join("root.new");
        if new.exists() {
            fs::remove_dir_all(&new).named(new.display())?;
        }
        let mut unpack = Command::new("mmdebstrap");
        unpack
            .args(["--quiet", "--variant=extract"])
            .arg("--architectures=amd64,arm64,s390x")
            .arg("--aptopt=Acquire::Check-Valid-Until \"false\"")
            .arg(format!("--include={PACKAGES}"))
            .arg(SUITE)
            .arg(&new);
        run(&mut unpack)?;
        fs::rename(&new, self.root()).named(new.display())
    }

    /// Lets this machine's cargo fetch the crates: in the folder there is no network.
    fn vendor(&self, program: &Path) -> Outcome {
        let home = self.cache.join("home");
        fs::create_dir_all(&home).named(home.display())?;
        let mut vendor = checkout::cargo("vendor");
        vendor
            .args(["--quiet", "--locked", "--versioned-dirs", "--manifest-path"])
            .arg(program.join("Cargo.toml"))
            .arg(self.cache.join("vendor"));
        capture(&mut vendor)?;
        let configuration = "[source.crates-io]\nreplace-with = \"vendored\"\n\
                             [source.vendored]\ndirectory = \"/gatos/cache/vendor\"\n";
        fs::write(home.join("config.toml"), configuration).named(home.display())
    }

    /// Builds the workspace `program` of the checkout for `processor`; returns where it lies.
    pub(super) fn build(&self, processor: &str, program: &str, more: &[&str]) -> Outcome<PathBuf> {
        let triple = format!("{processor}-unknown-linux-gnu");
        let variable = triple.replace('-', "_");
        let compiler = format!("{processor}-linux-gnu-gcc");
        let mut enter = Command::new("unshare");
        enter
            .args(["--mount", "sh", "-c", ENTER, "enter"])
            .arg(self.root())
            .arg(checkout::root())
            .arg(&self.cache)
            .args(["env", "-i", "PATH=/usr/bin:/bin", "HOME=/gatos/cache/home"])
            .args(["CARGO_HOME=/gatos/cache/home", "CC=gcc", "LC_ALL=C"])
            .arg("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=gcc")
            .arg(format!("CC_{variable}={compiler}"))
            .arg(format!(
                "CARGO_TARGET_{}_LINKER={compiler}",
                variable.to_ascii_uppercase()
            ))
            .args(["cargo", "build", "--quiet", "--locked", "--offline"])
            .args(["--target-dir", "/gatos/cache/target", "--target", &triple])
            .arg(format!(
                "--manifest-path=/gatos/source/{program}/Cargo.toml"
            ))
            .args(more);
        say(&format!("building for {triple} {}", more.join(" ")));
        // The whole of it is long and says little.
        crate::process::quiet(&mut enter)?;
        Ok(self.cache.join("target").join(triple))
    }
}
