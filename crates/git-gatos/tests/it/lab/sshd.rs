//! An SSH server of the place's own on this machine, which ends with it.

use std::cell::OnceCell;
use std::fmt::Write as _;
use std::net::TcpListener;
use std::process::{Child, Stdio};

use super::{Lab, is_inside_a_nix_build};

/// The variable with which the tests are run over SSH, where there is a server.
const OVER_SSH: &str = "GATOS_TEST_SSH";

/// Every variable that a client may send, so that what harms over a path may harm here too.
const SENT: &str = "GATOS_* GIT_*";

/// A server that runs, or the place for one.
#[derive(Debug, Default)]
pub(super) struct Sshd(OnceCell<Running>);

#[derive(Debug)]
struct Running {
    child: Child,
    port: u16,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether servers are to be pushed to over SSH, instead of over a path.
pub(crate) fn is_over_ssh() -> bool {
    std::env::var_os(OVER_SSH).is_some_and(|value| value == "1")
}

impl Lab {
    /// Whether an SSH server can be started here; says so if not.
    pub(crate) fn can_serve_ssh(&self) -> bool {
        let can = !is_inside_a_nix_build()
            && self.run("command -v sshd || test -x /usr/sbin/sshd").code == 0;
        if !can {
            eprintln!("skipped: sshd is not installed (Debian: openssh-server)");
        }
        can
    }

    /// Start an SSH server, in which each public key is a line of `../ssh/authorized`; its port.
    pub(crate) fn serve_ssh(&self) -> u16 {
        self.sshd.0.get_or_init(|| self.start()).port
    }

    /// From now on whatever Git reaches at `../` it reaches over SSH, as somebody with Alice's key and a shell.
    pub(super) fn reach_servers_over_ssh(&self) {
        let port = self.serve_ssh();
        let home = self.path("home").canonicalize().unwrap();
        let home = home.display();
        // What a login would give them, and not what whoever started the tests has.
        let mut login = String::new();
        for (name, value) in self.shell("", &self.work()).get_envs() {
            let (name, value) = (
                name.to_str().unwrap(),
                value.and_then(|value| value.to_str()),
            );
            if let Some(value) = value
                .filter(|_| !name.starts_with("GIT_AUTHOR") && !name.starts_with("GIT_COMMITTER"))
            {
                write!(login, "export {name}='{value}'; ").unwrap();
            }
        }
        std::fs::write(
            self.path("home/ssh/login"),
            format!("{login}\nexec sh -c \"$SSH_ORIGINAL_COMMAND\"\n"),
        )
        .unwrap();
        self.ok(&format!(
            "echo \"restrict,command=\\\"sh {home}/ssh/login\\\" $(ssh-keygen -y -f ../.ssh/id_ed25519)\" >> ../ssh/authorized && \
             url=url.ssh://$(id -un)@127.0.0.1:{port}{home}/.insteadOf && \
             git config --global $url ../ && git config --global --add $url file://{home}/ && \
             echo \"sh {home}/ssh/ssh -p {port} $(id -un)@127.0.0.1\" > ../ssh/line && \
             git config --global core.sshCommand \"sh {home}/ssh/ssh\""
        ));
    }

    fn start(&self) -> Running {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        self.ok("mkdir -p ../ssh && chmod 700 ../ssh && ssh-keygen -q -t ed25519 -N '' -f ../ssh/host && touch ../ssh/authorized");
        let folder = self.path("home/ssh");
        let folder = folder.display();
        self.write(
            "../ssh/sshd",
            format!(
                "ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder}/host\nPidFile none\nUsePAM no\n\
                 AuthorizedKeysFile {folder}/authorized\nStrictModes no\nPasswordAuthentication no\n\
                 PermitRootLogin prohibit-password\nKbdInteractiveAuthentication no\nMaxStartups 500\n\
                 UseDNS no\nKexAlgorithms curve25519-sha256\n\
                 AcceptEnv {SENT}\n"
            ),
        );
        // The client, without any setting of the machine's.
        let mut send = String::new();
        for name in SENT.split(' ') {
            write!(send, " -o SendEnv={name}").unwrap();
        }
        self.write(
            "../ssh/ssh",
            format!(
                "exec ssh -F none -i \"${{SSH_KEY:-{home}/.ssh/id_ed25519}}\" -o IdentitiesOnly=yes -o IdentityAgent=none \
                 -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR{send} \"$@\"\n",
                home = self.path("home").display(),
            ),
        );
        let shell = "mkdir -p /run/sshd 2>/dev/null; exec $(command -v sshd || echo /usr/sbin/sshd) -D -e -f $PWD/../ssh/sshd";
        let child = self
            .shell(shell, &self.work())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.ok(&format!(
            "for n in $(seq 200); do (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null && exit 0; sleep 0.05; done; exit 1"
        ));
        Running { child, port }
    }
}
