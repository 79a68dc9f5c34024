//! This very program as a process of its own, to be killed, delayed and starved.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

use gatos_git::{
    Durability, Expected, ObjectId, Outcome, RefName, Repository, release_locks_on_signals,
};

use super::fixture::{append_upon, journal, name, stage};

const VARIABLE: &str = "GATOS_GIT_DRIVER";
const SEPARATOR: char = '\u{1f}';

/// A process that does one thing to a repository.
pub(crate) struct Driver {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    thread: String,
}

/// How a driver ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    /// The lines that it wrote, without their mark
    pub(crate) lines: Vec<String>,
}

impl Finished {
    pub(crate) fn says(&self, what: &str) -> bool {
        self.lines.iter().any(|line| line.starts_with(what))
    }
}

impl Driver {
    /// Start a driver, which waits before it does anything.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_with(Command::new(std::env::current_exe().unwrap()), arguments)
    }

    /// The same through another program, such as `faketime`.
    pub(crate) fn start_with(command: Command, arguments: &[&str]) -> Self {
        Self::try_start_with(command, arguments).expect("the driver did not come to wait")
    }

    /// The same; `None` if the process ends before it waits.
    pub(crate) fn try_start_with(mut command: Command, arguments: &[&str]) -> Option<Self> {
        let mut child = command
            .args(["driver", "--exact", "--nocapture", "--test-threads=1"])
            .env(VARIABLE, arguments.join(&SEPARATOR.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut driver = Self {
            child,
            stdin,
            stdout,
            thread: String::new(),
        };
        let line = driver.line()?;
        line.strip_prefix("ready ")?.clone_into(&mut driver.thread);
        Some(driver)
    }

    /// The number of the thread that does the work.
    pub(crate) fn thread(&self) -> &str {
        &self.thread
    }

    /// Let it begin.
    pub(crate) fn release(&mut self) {
        // It may have been killed.
        let _ = self.stdin.take().unwrap().write_all(b"\n");
    }

    /// The next line that it wrote for us.
    pub(crate) fn line(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.stdout.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            // The harness begins a line and does not end it.
            if let Some((_, line)) = line.split_once('@') {
                return Some(line.trim_end().to_owned());
            }
        }
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    pub(crate) fn finish(mut self) -> Finished {
        let mut lines = Vec::new();
        while let Some(line) = self.line() {
            lines.push(line);
        }
        let status = self.child.wait().unwrap();
        Finished { status, lines }
    }

    /// Start, release and finish.
    pub(crate) fn run(arguments: &[&str]) -> Finished {
        let mut driver = Self::start(arguments);
        driver.release();
        driver.finish()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Be a driver if this process was started as one.
pub(crate) fn run_if_asked() {
    let Ok(arguments) = std::env::var(VARIABLE) else {
        return;
    };
    let arguments: Vec<&str> = arguments.split(SEPARATOR).collect();
    let repository = Repository::open(arguments[1]).unwrap();
    if arguments[0] == "swap-with-signals" {
        release_locks_on_signals().unwrap();
    }
    let thread = std::fs::read_link("/proc/thread-self").unwrap();
    say(&format!("ready {}", thread.file_name().unwrap().display()));
    std::io::stdin().read_line(&mut String::new()).unwrap();
    act(&repository, arguments[0], &arguments[2..]);
    std::process::exit(0);
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "@{line}").unwrap();
    out.flush().unwrap();
}

fn act(repository: &Repository, verb: &str, arguments: &[&str]) {
    match verb {
        // ref, old or -, payload
        "swap" | "swap-with-signals" => {
            let target = name(arguments[0]);
            let old = parse(arguments[1]);
            let done = append_upon(repository, &target, old, arguments[2], Durability::Durable);
            report(done);
        }
        // name, old or -, new
        "raw-swap" => raw_swap(repository, arguments),
        // count, prefix, durability
        "appends" => appends(repository, arguments),
        // payload
        "batch" => batch(repository, arguments[0], Durability::Durable),
        // count, durability
        "batches" => {
            for number in 0..arguments[0].parse().unwrap() {
                batch(
                    repository,
                    &format!("batch {number}"),
                    parse_durability(arguments[1]),
                );
            }
        }
        // ref, old
        "delete" => {
            let mut transaction = repository.transaction(Durability::Durable);
            transaction.delete(name(arguments[0]), parse(arguments[1]).unwrap());
            report(transaction.apply());
        }
        "recover" => match repository.recover() {
            Ok(recovery) => say(&format!("recovered {recovery:?}")),
            Err(error) => say(&format!("error {error:?}")),
        },
        "read" => {
            let head = repository.find_ref(&journal());
            say(&format!("head {head:?}"));
        }
        _ => panic!("no such verb: {verb}"),
    }
}

fn report(done: Result<Outcome, gatos_git::TransactionError>) {
    match done {
        Ok(Outcome::Applied) => say("applied"),
        Ok(Outcome::Conflict(conflict)) => say(&format!("conflict {:?}", conflict.actual)),
        Err(error) => say(&format!("error {}", explain(&error))),
    }
}

/// A message with its causes.
pub(crate) fn explain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text.replace('\n', " ")
}

/// The Git library's own compare-and-swap: what we may not use.
fn raw_swap(repository: &Repository, arguments: &[&str]) {
    use gix::refs::transaction::{Change, LogChange, PreviousValue, RefEdit};
    let options = gix::open::Options::isolated();
    let repository = gix::open_opts(repository.git_dir(), options).unwrap();
    let target = |text: &str| {
        let id = gix::ObjectId::from_hex(text.as_bytes()).unwrap();
        gix::refs::Target::Object(id)
    };
    let expected = match arguments[1] {
        "-" => PreviousValue::MustNotExist,
        old => PreviousValue::MustExistAndMatch(target(old)),
    };
    let edit = RefEdit {
        change: Change::Update {
            log: LogChange::default(),
            expected,
            new: target(arguments[2]),
        },
        name: arguments[0].try_into().unwrap(),
        deref: false,
    };
    match repository.edit_reference(edit) {
        Ok(_) => say("applied"),
        Err(error) => say(&format!("conflict {error}")),
    }
}

/// Append until done, telling each event only when it is acknowledged.
fn appends(repository: &Repository, arguments: &[&str]) {
    let count: usize = arguments[0].parse().unwrap();
    let durability = parse_durability(arguments[2]);
    for number in 0..count {
        let payload = format!("{} {number}", arguments[1]);
        loop {
            let _turn = repository.wait_turn(Duration::from_secs(5));
            let old = repository.find_ref(&journal()).unwrap();
            match append_upon(repository, &journal(), old, &payload, durability) {
                Ok(Outcome::Applied) => {
                    say(&format!("acked {payload}"));
                    break;
                }
                Ok(Outcome::Conflict(_)) => {}
                Err(gatos_git::TransactionError::Locked { .. }) => {}
                Err(error) => {
                    say(&format!("error {}", explain(&error)));
                    return;
                }
            }
        }
    }
}

/// The refs that a batch moves together.
pub(crate) const BATCH: [&str; 3] = [
    "refs/gatos/batch/a",
    "refs/gatos/batch/b",
    "refs/gatos/batch/c",
];

fn batch(repository: &Repository, payload: &str, durability: Durability) {
    let mut transaction = repository.transaction(durability);
    for target in BATCH {
        let target: RefName = name(target);
        let old = repository.find_ref(&target).unwrap();
        let new = stage(&mut transaction, old, &format!("{payload} {target}"));
        transaction.update(target, old.map_or(Expected::Absent, Expected::At), new);
    }
    match transaction.apply() {
        Ok(Outcome::Applied) => say(&format!("acked {payload}")),
        other => report(other),
    }
}

fn parse(text: &str) -> Option<ObjectId> {
    (text != "-").then(|| text.parse().unwrap())
}

fn parse_durability(text: &str) -> Durability {
    match text {
        "durable" => Durability::Durable,
        "relaxed" => Durability::Relaxed,
        _ => panic!("no such durability: {text}"),
    }
}

/// The path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
