//! One daemon for a repository, one user for a daemon.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use gatos::daemon::Client;
use serde_json::json;

use crate::lab::{Daemon, Lab};

#[test]
fn a_second_daemon_is_refused_and_a_dead_one_is_taken_over() {
    let lab = Lab::new();
    let daemon = lab.start();
    let second = lab
        .gatosd(&["run", "--socket", "/nonexistent"])
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(5));
    let said = String::from_utf8(second.stderr).unwrap();
    let pid = daemon.child.id();
    assert!(
        said.contains(&format!(
            "process {pid} is the daemon of this repository already"
        )),
        "{said}"
    );
    assert!(lab.socket().exists());
    daemon.signal("KILL");
    daemon.end();
    assert!(lab.socket().exists(), "a killed daemon leaves its socket");
    let _daemon = lab.start();
    assert_eq!(lab.client().ask("ping", &json!({})).unwrap().get(), "{}");
}

#[test]
fn the_socket_is_for_its_owner() {
    let lab = Lab::new();
    let _daemon = lab.start();
    let mode = std::fs::metadata(lab.socket())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn another_user_is_turned_away_by_name() {
    let lab = Lab::new();
    if user() != 0 {
        // Only root can be somebody else.
        return;
    }
    if !program_is_for_all() {
        return;
    }
    // The daemon belongs to `nobody`: root may ask it, a third user may not.
    let socket = lab.socket();
    let mut chown = Command::new("chown");
    let owned = chown.args(["-R", "65534:65534"]).arg(lab.path("")).status();
    assert!(owned.unwrap().success());
    let mut command = as_user("65534");
    lab.isolate(&mut command);
    command.args([env!("CARGO_BIN_EXE_gatosd"), "run", "--no-keep"]);
    let _daemon = Daemon::start(command);
    let mut root = Client::connect(&socket, None).unwrap();
    assert_eq!(root.ask("ping", &json!({})).unwrap().get(), "{}");
    for folder in ["", "work"].map(|name| lab.path(name)) {
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    // Open to all, so that it is the daemon that refuses.
    std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o666)).unwrap();
    let script = format!(
        "import socket; s = socket.socket(socket.AF_UNIX); s.connect('{}'); print(s.recv(4096).decode())",
        socket.display()
    );
    let mut command = as_user("65533");
    let stranger = command
        .args(["/usr/bin/python3", "-c", &script])
        .output()
        .unwrap();
    let said = String::from_utf8(stranger.stdout).unwrap();
    assert!(
        said.contains("\"code\":\"stranger\""),
        "{said}{}",
        String::from_utf8_lossy(&stranger.stderr)
    );
    assert!(said.contains("serves user 65534"), "{said}");
}

/// A command of somebody else.
fn as_user(id: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid", id, "--regid", id, "--clear-groups"]);
    command
}

fn user() -> u32 {
    let output = Command::new("id").arg("-u").output().unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap()
}

/// Whether users other than the one who built it can start the daemon.
fn program_is_for_all() -> bool {
    let mut command = as_user("65534");
    let started = command
        .args([env!("CARGO_BIN_EXE_gatosd"), "--version"])
        .output();
    started.is_ok_and(|output| output.status.success())
}

#[test]
fn a_long_path_is_no_obstacle() {
    let lab = Lab::new();
    let folder = lab.path(&"long".repeat(40));
    std::fs::create_dir(&folder).unwrap();
    let socket = folder.join("socket");
    let mut daemon = lab.start_with(&["--socket", socket.to_str().unwrap()]);
    lab.git(&["config", "gatos.daemon", socket.to_str().unwrap()]);
    let found = gatos::daemon::socket(&lab.open()).unwrap();
    assert_eq!(found, socket);
    let mut client = Client::connect(&found, None).unwrap();
    assert_eq!(client.ask("ping", &json!({})).unwrap().get(), "{}");
    assert!(daemon.child.try_wait().unwrap().is_none());
}
