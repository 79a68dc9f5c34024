//! A repository of its own for each test, and a daemon that serves it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use data_encoding::BASE64;
use gatos::daemon::{Client, SOCKET_FILE};
use gatos::governance::{self, PolicyDraft, Subject, Use, Verdict, What};
use gatos::journal::{self, Draft, EventView, Range};
use gatos::repository::{Options, init};
use gatos::signer::OpenSigner;
use gatos::{Cid, JournalName, Repository, Signed, Signer, Ulid, Value};
use gatos_core::governance::Approval;
use gatos_core::keys::SecretKey;
use gatos_core::policy::{Actor, Role, Trust};
use gatos_core::statement::Statement;
use tempfile::TempDir;

/// Longer than anything takes that works.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A repository with a founder, whose key is in a file.
pub(crate) struct Lab {
    folder: TempDir,
    pub(crate) key: OpenSigner,
}

impl Lab {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("gatosd-")
            .tempdir()
            .unwrap();
        let key = gatos::signer::create(&folder.path().join("key")).unwrap();
        let lab = Self { folder, key };
        fs::create_dir(lab.work()).unwrap();
        gatos_git::Repository::init(lab.work()).unwrap();
        let actor = "alice".parse().unwrap();
        let options = Options {
            actor,
            profile: "default",
            signer: &*lab.key,
            rules: None,
        };
        init(&lab.work(), &options).unwrap();
        lab
    }

    /// The folder in which the repository is.
    pub(crate) fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn open(&self) -> Repository {
        Repository::discover(&self.work()).unwrap()
    }

    /// Where the daemon listens if it is not told otherwise.
    pub(crate) fn socket(&self) -> PathBuf {
        self.open().git().common_dir().join(SOCKET_FILE)
    }

    /// A command of `gatosd`, with nothing of the machine's settings.
    pub(crate) fn gatosd(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatosd"));
        self.isolate(&mut command);
        command.args(arguments);
        command
    }

    pub(crate) fn isolate(&self, command: &mut Command) {
        command
            .current_dir(self.work())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
    }

    /// A daemon with the founder's key, which listens when this returns.
    pub(crate) fn start(&self) -> Daemon {
        self.start_with(&[])
    }

    pub(crate) fn start_with(&self, more: &[&str]) -> Daemon {
        let key = self.path("key");
        let mut arguments = vec!["run", "--key", key.to_str().unwrap()];
        arguments.extend(more);
        Daemon::start(self.gatosd(&arguments))
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(&self.socket(), Some(PATIENCE)).unwrap()
    }

    /// A connection without a protocol.
    pub(crate) fn stream(&self) -> UnixStream {
        let stream = UnixStream::connect(self.socket()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// An event with a number as its payload, signed, as it stands in a request.
    pub(crate) fn signed(&self, journal: &str, number: i64, ulid: Option<Ulid>) -> String {
        self.signed_many(journal, &[number], ulid).remove(0)
    }

    pub(crate) fn signed_many(
        &self,
        journal: &str,
        numbers: &[i64],
        ulid: Option<Ulid>,
    ) -> Vec<String> {
        let drafts = numbers.iter().map(|number| draft(*number, ulid)).collect();
        let journal = journal.parse().unwrap();
        let events = journal::sign(&self.open(), &journal, drafts, &*self.key).unwrap();
        events
            .iter()
            .map(|event| BASE64.encode(&event.envelope().encode()))
            .collect()
    }

    /// The events of a journal as it is on disk.
    pub(crate) fn events(&self, journal: &str) -> Vec<EventView> {
        let name: JournalName = journal.parse().unwrap();
        let mut events = Vec::new();
        let listed = journal::list::<gatos::Error>(&self.open(), &name, Range::default(), |e| {
            events.push(e);
            Ok(())
        });
        listed.unwrap();
        events
    }

    /// Every signature, and where each batch says that it stands.
    pub(crate) fn verify(&self, journal: &str) {
        let name = journal.parse().unwrap();
        let report = gatos::verify::verify_journal(&self.open(), &name, &mut gatos::Unwatched);
        let (passed, failed, _) = report.counts();
        assert!(passed > 0 && failed == 0, "{report:?}");
    }

    /// Run Git in the repository; what it prints.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        self.isolate(&mut command);
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Lab {
    /// Put a trust in force in which the founder governs, and everybody else here has the keys of these seeds.
    pub(crate) fn admit(&self, people: &[(&str, &[u8])]) {
        let repository = self.open();
        let mut actors = repository.policy().1.trust.actors().clone();
        for (name, seeds) in people {
            let keys = seeds.iter().map(|seed| seeded(*seed).public_key());
            let actor = Actor {
                groups: ["leads".parse().unwrap()].into(),
                keys: keys.collect(),
                roles: [Role::Append].into(),
            };
            actors.insert(name.parse().unwrap(), actor);
        }
        let policy = PolicyDraft {
            trust: Trust::new(actors),
            ..PolicyDraft::default()
        };
        let draft = governance::Draft {
            title: "more people".to_owned(),
            reason: String::new(),
            what: What::Policy(Box::new(policy)),
            uses: Use::Single,
        };
        let proposed = governance::propose(&repository, draft, &*self.key).unwrap();
        governance::activate(&repository, &proposed.proposal, &*self.key).unwrap();
    }

    /// A proposal of some content by the founder.
    pub(crate) fn propose(&self, title: &str) -> String {
        let draft = about(title);
        let told = governance::propose(&self.open(), draft, &*self.key);
        told.unwrap().proposal
    }

    /// What a key says of a proposal, signed, as it stands in a request.
    pub(crate) fn said(&self, proposal: &str, verdict: Verdict, key: &SecretKey) -> String {
        let repository = self.open();
        let trust = &repository.policy().1.trust;
        let actor = trust.actor_of(&key.public_key());
        let approval = Approval {
            repo: repository.id(),
            policy_root: repository.policy().0,
            proposal: proposal.parse::<Cid>().unwrap().into(),
            actor: actor.map_or_else(|| "alice".parse().unwrap(), |(name, _)| name.clone()),
            verdict,
            reason: String::new(),
        };
        sealed(approval, key)
    }
}

/// A proposal of some content.
pub(crate) fn about(title: &str) -> governance::Draft {
    governance::Draft {
        title: title.to_owned(),
        reason: String::new(),
        what: What::Other(Subject::Content(Cid::of_raw(title.as_bytes()))),
        uses: Use::Single,
    }
}

/// A signed statement as it stands in a request.
pub(crate) fn sealed<T: Statement>(statement: T, key: &dyn Signer) -> String {
    let signed = Signed::seal(statement, key).unwrap();
    BASE64.encode(&signed.envelope().encode())
}

/// A key by its number.
pub(crate) fn seeded(seed: u8) -> SecretKey {
    SecretKey::from_seed([seed; 32])
}

/// An event with a number as its payload.
pub(crate) fn draft(number: i64, ulid: Option<Ulid>) -> Draft {
    Draft {
        event_type: "number".to_owned(),
        payload: Value::map([("n", Value::Integer(number))]),
        ulid,
        ts: None,
    }
}

/// A daemon, which is killed when this is dropped.
pub(crate) struct Daemon {
    pub(crate) child: Child,
    log: BufReader<ChildStderr>,
}

impl Daemon {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut daemon = Self { child, log };
        daemon.wait_for("listening");
        daemon
    }

    /// Read the log up to a line that holds `text`.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let mut all = String::new();
        loop {
            let mut line = String::new();
            let count = self.log.read_line(&mut line).unwrap();
            assert!(count > 0, "the daemon has ended:\n{all}");
            if line.contains(text) {
                return line;
            }
            all.push_str(&line);
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Wait for the end: the exit code, if no signal ended it, and the rest of the log.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program of this workspace, which cargo builds for the tests of the whole workspace: beside this
/// test, or where the checks of the flake put it.
pub(crate) fn built(name: &str) -> PathBuf {
    let this = std::env::current_exe().unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let folders = [
        this.ancestors().nth(2).unwrap().to_owned(),
        target.join("debug"),
    ];
    let found = folders
        .iter()
        .map(|folder| folder.join(name))
        .find(|p| p.exists());
    found.unwrap_or_else(|| {
        panic!("run `cargo build --package {name}`, or the tests of the whole workspace")
    })
}
