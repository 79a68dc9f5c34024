//! 64 appenders through the daemon against 64 of Redis streams with `appendfsync always`, all on Unix
//! sockets, each waiting for its answer.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark starts a daemon and a rival, takes times and prints them"
)]

mod load;

use std::io::{BufRead as _, BufReader};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::load::daemon::{self, Daemon};
use crate::load::{CLIENTS, PAYLOAD_BYTES, ROUNDS, Times, seconds_each};

const EACH: usize = 100;

fn main() {
    let (ours, redis) = (Daemon::start(), Redis::start());
    let request = format!(
        "*5\r\n$4\r\nXADD\r\n$5\r\nbench\r\n$1\r\n*\r\n$5\r\nevent\r\n${PAYLOAD_BYTES}\r\n{:>PAYLOAD_BYTES$}\r\n",
        "x"
    );
    let rival_requests = vec![vec![request.into_bytes(); EACH]; CLIENTS];
    let (mut drafts, mut signed) = (Times::default(), Times::default());
    for _ in 0..ROUNDS {
        let (socket, requests) = (ours.socket(), Daemon::drafts(CLIENTS, EACH));
        drafts
            .ours
            .push(seconds_each(&socket, &requests, daemon::receive));
        let rival = seconds_each(&redis.socket(), &rival_requests, receive);
        drafts.rival.push(rival);
        let requests = ours.signed(CLIENTS, EACH);
        signed
            .ours
            .push(seconds_each(&socket, &requests, daemon::receive));
        signed.rival.push(rival);
    }
    signed.remark("events that their senders signed");
    drafts.report("group-commit-redis", 1.0 / 3.0);
}

/// A Redis of its own, which ends when this is dropped.
struct Redis {
    folder: TempDir,
    child: Child,
}

impl Redis {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let start = |program: &str| {
            Command::new(program)
                // One program under several names, of which Debian's tools have another.
                .arg0("redis-server")
                .args(["--port", "0", "--save", "", "--appendonly", "yes"])
                .args(["--appendfsync", "always", "--unixsocket", "socket", "--dir"])
                .arg(folder.path())
                .current_dir(folder.path())
                .stdout(Stdio::null())
                .spawn()
        };
        let child = start("redis-server")
            .or_else(|_| start("redis-check-rdb"))
            .expect("there is no redis-server on PATH: run `cargo xtask bench`, which installs it");
        let redis = Self { folder, child };
        for _ in 0..500 {
            if UnixStream::connect(redis.socket()).is_ok() {
                return redis;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("redis-server does not listen");
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Read the identifier that XADD gives.
fn receive(reader: &mut BufReader<UnixStream>) {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).unwrap();
    assert!(line.starts_with(b"$"), "{}", String::from_utf8_lossy(&line));
    line.clear();
    reader.read_until(b'\n', &mut line).unwrap();
}
