//! Installing on Debian: programs with `apt-get`, and Nix from Debian 13 beside the system's own.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::release::{self, Release};
use crate::failure::{Failure, Named, Outcome};
use crate::process::{capture, find, run, say, succeeds};

/// Program → the Debian package it comes in.
const PACKAGES: [(&str, &str); 15] = [
    ("bash-static", "bash-static"),
    ("busybox", "busybox-static"),
    ("git", "git"),
    ("mkfs.ext4", "e2fsprogs"),
    ("mmdebstrap", "mmdebstrap"),
    ("patchelf", "patchelf"),
    ("pgrep", "procps"),
    ("python3", "python3"),
    ("qemu-aarch64-static", "qemu-user-static"),
    ("qemu-s390x-static", "qemu-user-static"),
    ("redis-check-rdb", "redis-tools"),
    ("ssh-keygen", "openssh-client"),
    ("sshd", "openssh-server"),
    ("strace", "strace"),
    ("strip", "binutils"),
];

/// What the tests start.
pub(super) const TEST_PROGRAMS: [&str; 10] = [
    "bash-static",
    "busybox",
    "git",
    "mkfs.ext4",
    "pgrep",
    "python3",
    "ssh-keygen",
    "sshd",
    "strace",
    "strip",
];

/// Where our Nix lives. Nothing outside of it is touched but the links below `/usr/local/bin`.
const HOME: &str = "/opt/gatos/nix";
const PARENT: &str = "/opt/gatos";

const COMMANDS: [&str; 8] = [
    "nix",
    "nix-build",
    "nix-channel",
    "nix-collect-garbage",
    "nix-env",
    "nix-hash",
    "nix-instantiate",
    "nix-store",
];

const CONFIGURATION: &str = "\
# Written by `cargo xtask setup` for the Nix in /opt/gatos/nix.
experimental-features = nix-command flakes
build-users-group =
sandbox = true
sandbox-fallback = false
substituters =
flake-registry =
sandbox-paths = /bin/sh=/opt/gatos/nix/usr/bin/bash-static
";

/// Installs those of the programs that are not there.
pub(crate) fn require(programs: &[&str]) -> Outcome {
    let missing: Vec<_> = PACKAGES
        .iter()
        .filter(|(program, _)| programs.contains(program) && !is_installed(program))
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        apt_get_install(&missing)
    }
}

/// Unpacks Debian 13's Nix into `/opt/gatos/nix` and makes it start on this machine.
pub(super) fn install_nix(found: Option<&Release>) -> Outcome<Release> {
    let lacking = match found {
        Some(release) => format!("{release} is older than 2.18"),
        None => "there is no Nix on PATH".to_owned(),
    };
    say(&format!("{lacking}: installing one into {HOME}"));
    let unpacked = || Path::new(HOME).join("usr/bin/nix").exists();
    if !unpacked() {
        require_debian_and_root(&lacking)?;
        require(&["mmdebstrap", "patchelf"])?;
        let _turn = turn()?;
        if !unpacked() {
            unpack()?;
        }
    }
    link_commands()?;
    write_configuration()?;
    let release = release::on_path()
        .filter(Release::is_supported)
        .ok_or_else(|| {
            Failure::new(format!(
                "the Nix in {HOME} does not start, or another hides it on PATH"
            ))
            .hint(format!(
                "look at `{HOME}/usr/bin/nix --version`; PATH needs /usr/local/bin first"
            ))
        })?;
    prove_sandbox()?;
    Ok(release)
}

fn apt_get_install(packages: &[&str]) -> Outcome {
    require_debian_and_root(&format!("missing: {}", packages.join(", ")))?;
    say(&format!("installing {}", packages.join(", ")));
    let install = || {
        let mut command = Command::new("apt-get");
        command
            .args(["install", "--yes", "--quiet", "--no-install-recommends"])
            // Another installation on this machine is waited for.
            .args(["--option", "DPkg::Lock::Timeout=600"])
            .args(packages);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    if succeeds(&mut install()) {
        return Ok(());
    }
    run(Command::new("apt-get").args(["update", "--quiet"]))?;
    run(&mut install())
}

fn require_debian_and_root(lacking: &str) -> Outcome {
    let hint = "install Nix 2.18 or newer (https://nixos.org/download), and the programs git, \
                strace, patchelf, mkfs.ext4 and strip; or run this as root on Debian 12 or newer";
    if find("apt-get").is_none() {
        return Err(Failure::new(format!("{lacking}, and this is not Debian")).hint(hint));
    }
    if capture(Command::new("id").arg("-u"))? != "0" {
        return Err(Failure::new(format!("{lacking}, and this is not root")).hint(hint));
    }
    if !cfg!(target_arch = "x86_64") {
        let what = format!("{lacking}, and only x86_64 is installed automatically");
        return Err(Failure::new(what).hint(hint));
    }
    Ok(())
}

/// Waits until no other setup unpacks on this machine; the turn ends when the file is dropped.
fn turn() -> Outcome<fs::File> {
    fs::create_dir_all(PARENT).named(PARENT)?;
    let path = Path::new(PARENT).join("setup.lock");
    let file = fs::File::create(&path).named(path.display())?;
    file.lock().named(path.display())?;
    Ok(file)
}

/// Unpacks beside the final place and renames: an interrupted setup leaves nothing half-done.
fn unpack() -> Outcome {
    let new = format!("{HOME}.new");
    if Path::new(&new).exists() {
        fs::remove_dir_all(&new).named(&new)?;
    }
    run(Command::new("mmdebstrap").args([
        "--quiet",
        "--variant=extract",
        "--include=nix-bin,bash-static",
        "trixie",
        &new,
    ]))?;
    let libraries = format!("{HOME}/usr/lib/x86_64-linux-gnu");
    // RPATH and not RUNPATH: only the former is inherited by what the libraries need themselves.
    run(Command::new("patchelf")
        .arg("--set-interpreter")
        .arg(format!("{libraries}/ld-linux-x86-64.so.2"))
        .args(["--force-rpath", "--set-rpath"])
        .arg(format!("{libraries}:{HOME}/usr/lib"))
        .arg(format!("{new}/usr/bin/nix")))?;
    fs::rename(&new, HOME).named(HOME)
}

fn link_commands() -> Outcome {
    fs::create_dir_all("/usr/local/bin").named("/usr/local/bin")?;
    for command in COMMANDS {
        let link = format!("/usr/local/bin/{command}");
        let target = format!("{HOME}/usr/bin/{command}");
        if fs::read_link(&link).is_ok_and(|old| old == Path::new(&target)) {
            continue;
        }
        // A link that leads nowhere is in the way too, so ask for the link and not for its end.
        if fs::symlink_metadata(&link).is_ok() {
            fs::remove_file(&link).named(&link)?;
        }
        symlink(&target, &link).named(&link)?;
    }
    Ok(())
}

fn write_configuration() -> Outcome {
    let file = Path::new("/etc/nix/nix.conf");
    if file.exists() {
        say("/etc/nix/nix.conf is there already and stays as it is");
        return Ok(());
    }
    say("writing /etc/nix/nix.conf");
    fs::create_dir_all("/etc/nix").named("/etc/nix")?;
    fs::write(file, CONFIGURATION).named(file.display())
}

/// Builds one file in the sandbox, if that was not done before: better to hear now that this machine has no namespaces.
pub(super) fn prove_sandbox() -> Outcome {
    let expression = r#"derivation {
      name = "gatos-setup"; system = builtins.currentSystem; builder = "/bin/sh";
      args = [ "-c" "echo sandboxed > $out" ];
    }"#;
    let mut command = Command::new("nix-build");
    command.args([
        "--no-out-link",
        "--option",
        "sandbox",
        "true",
        "--option",
        "sandbox-fallback",
        "false",
        "--expr",
        expression,
    ]);
    if succeeds(&mut command) {
        return Ok(());
    }
    run(&mut command).map_err(|failure| {
        failure.hint(
            "the Nix sandbox needs user, mount, pid and network namespaces; a container \
                      must be started with them (e.g. `docker run --privileged`)",
        )
    })
}

/// `mkfs.ext4` and others live in `sbin`, which is not on everybody's `PATH`.
fn is_installed(program: &str) -> bool {
    let system = ["/usr/sbin", "/sbin"]
        .iter()
        .any(|dir| Path::new(dir).join(program).exists());
    system || find(program).is_some()
}
