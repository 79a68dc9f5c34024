//! A repository, a daemon that serves it, and requests to append.

use std::fs::Permissions;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use data_encoding::BASE64;
use gatos::daemon::SOCKET_FILE;
use gatos::journal::{Draft, sign};
use gatos::repository::{Options, init};
use gatos::{Repository, Value};
use gatos_core::keys::SecretKey;
use tempfile::TempDir;

use super::PAYLOAD_BYTES;

/// A daemon, which ends when this is dropped.
pub(crate) struct Daemon {
    _folder: TempDir,
    repository: Repository,
    key: SecretKey,
    child: Child,
}

impl Daemon {
    pub(crate) fn start() -> Self {
        let folder = TempDir::new().unwrap();
        gatos_git::Repository::init(folder.path()).unwrap();
        let key = SecretKey::from_seed([7; 32]);
        let actor = "bench".parse().unwrap();
        let options = Options {
            actor,
            profile: "default",
            signer: &key,
            rules: None,
        };
        init(folder.path(), &options).unwrap();
        let key_file = folder.path().join("key");
        std::fs::write(&key_file, key.to_openssh("bench").as_bytes()).unwrap();
        std::fs::set_permissions(&key_file, Permissions::from_mode(0o600)).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_gatosd"))
            .args(["run", "--no-keep", "--repository"])
            .arg(folder.path())
            .arg("--key")
            .arg(&key_file)
            .env("HOME", folder.path())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("listening") {
            line.clear();
            assert!(
                log.read_line(&mut line).unwrap() > 0,
                "the daemon has ended"
            );
        }
        let repository = Repository::discover(folder.path()).unwrap();
        Self {
            _folder: folder,
            repository,
            key,
            child,
        }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.repository.git().common_dir().join(SOCKET_FILE)
    }

    /// Requests of so many clients, so many each, one draft a request, which the daemon signs.
    pub(crate) fn drafts(clients: usize, each: usize) -> Vec<Vec<Vec<u8>>> {
        let request = |number: usize| {
            let line = format!(
                "{{\"id\":1,\"method\":\"append\",\"journal\":\"bench\",\
                 \"drafts\":[{{\"type\":\"bench\",\"payload\":\"{number:>PAYLOAD_BYTES$}\"}}]}}\n"
            );
            line.into_bytes()
        };
        vec![(0..each).map(request).collect(); clients]
    }

    /// Requests of so many clients, so many each, one event a request, signed beforehand.
    pub(crate) fn signed(&self, clients: usize, each: usize) -> Vec<Vec<Vec<u8>>> {
        let journal = "bench".parse().unwrap();
        let client = |_| {
            let draft = |number: usize| Draft {
                event_type: "bench".to_owned(),
                payload: Value::text(format!("{number:>PAYLOAD_BYTES$}")),
                ulid: Some(gatos::new_ulid().unwrap()),
                ts: None,
            };
            let drafts = (0..each).map(draft).collect();
            let events = sign(&self.repository, &journal, drafts, &self.key).unwrap();
            let line = |event: &gatos::Signed<gatos::Event>| {
                let event = BASE64.encode(&event.envelope().encode());
                let line = format!(
                    "{{\"id\":1,\"method\":\"append\",\"journal\":\"bench\",\"events\":[\"{event}\"]}}\n"
                );
                line.into_bytes()
            };
            events.iter().map(line).collect()
        };
        (0..clients).map(client).collect()
    }
}

/// Read the answer to an append, which was done.
pub(crate) fn receive(reader: &mut BufReader<UnixStream>) {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).unwrap();
    assert!(
        line.starts_with(b"{\"ok\":true"),
        "{}",
        String::from_utf8_lossy(&line)
    );
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
