//! Pushing over SSH to a server of our own on this machine.

use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Child, Stdio};

use super::with_server;
use crate::lab::{Lab, is_inside_a_nix_build};

/// An SSH server, ended with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Start one that knows Alice's key and calls her by the name given.
fn start(lab: &Lab, port: u16) -> Server {
    let gatos = lab.path("bin/gatos");
    lab.ok(
        "mkdir -p ../ssh && chmod 700 ../ssh && ssh-keygen -q -t ed25519 -N '' -f ../ssh/host && \
            ssh-keygen -q -t ed25519 -N '' -f ../ssh/bob",
    );
    for (who, key) in [("alice", "../.ssh/id_ed25519"), ("bob", "../ssh/bob")] {
        lab.ok(&format!(
            "echo \"restrict,command=\\\"PATH=$PATH {} gate shell {who}\\\" $(ssh-keygen -y -f {key})\" >> ../ssh/authorized",
            gatos.display()
        ));
    }
    let folder = lab.path("home/ssh");
    let folder = folder.display();
    lab.write(
        "sshd",
        format!(
            "ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder}/host\nPidFile none\nUsePAM no\n\
         AuthorizedKeysFile {folder}/authorized\nStrictModes no\nPasswordAuthentication no\n\
         PermitRootLogin prohibit-password\nKbdInteractiveAuthentication no\n"
        ),
    );
    let shell = "mkdir -p /run/sshd 2>/dev/null; exec $(command -v sshd || echo /usr/sbin/sshd) -D -e -f $PWD/sshd";
    let mut command = lab.shell(shell, &lab.work());
    let child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Server(child)
}

#[test]
fn over_ssh_the_server_knows_who_pushes() {
    let lab = with_server();
    if is_inside_a_nix_build() || lab.run("command -v sshd || test -x /usr/sbin/sshd").code != 0 {
        let _ = writeln!(
            std::io::stderr(),
            "skipped: sshd is not installed (Debian: openssh-server)"
        );
        return;
    }
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let _server = start(&lab, port);
    let as_whom = |key: &str| {
        format!(
            "export GIT_SSH_COMMAND='ssh -F none -i {key} -o IdentitiesOnly=yes -o IdentityAgent=none \
         -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR'; \
         url=ssh://$(id -un)@127.0.0.1:{port}$(cd ../server.git && pwd);"
        )
    };
    let alice = as_whom("$HOME/.ssh/id_ed25519");
    let bob = as_whom("$HOME/ssh/bob");
    lab.ok(&format!("{alice} for n in $(seq 100); do git ls-remote $url >/dev/null 2>&1 && break; sleep 0.1; done; git ls-remote $url >/dev/null"));
    lab.ok("gatos -q event append m --type t '{\"n\": 2}'");
    let ran = lab.run(&format!("{bob} git push $url refs/gatos/journal/m"));
    assert_ne!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err.contains("`bob` pushes what `alice` signed"),
        "{}",
        ran.err
    );
    lab.ok(&format!("{alice} git push -q $url refs/gatos/journal/m"));
    let ran = lab.run(&format!("{alice} git push $url :refs/gatos/journal/m"));
    assert!(
        ran.code != 0 && ran.err.contains("gate.delete"),
        "{}",
        ran.err
    );
    lab.ok("git fetch -q origin 'refs/gatos/audit/*:refs/gatos/audit/*'");
    let denials = lab.ok("gatos policy denials --json");
    assert!(
        denials.contains("\"pusher\":\"bob\"") && denials.contains("\"pusher\":\"alice\""),
        "{denials}"
    );
    // Nothing but Git's commands can be asked for, and no variable can be sent along.
    let ran = lab.run(&format!(
        "{alice} ssh -F none -p {port} -i $HOME/.ssh/id_ed25519 -o StrictHostKeyChecking=no \
        -o UserKnownHostsFile=/dev/null -o IdentityAgent=none 127.0.0.1 'id; sh -c id'"
    ));
    assert_ne!(ran.code, 0, "{}{}", ran.out, ran.err);
}
