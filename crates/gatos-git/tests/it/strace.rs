//! Making system calls fail, kill or stop: `strace` attached to a driver that waits.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;

use super::driver::{Driver, Finished, text};

/// How long a driver may take to stop or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A `strace` that is attached to a driver.
pub(crate) struct Strace {
    child: Child,
    log: PathBuf,
    _directory: TempDir,
}

impl Strace {
    /// Attach with these options, such as `-e inject=fsync:error=EIO:when=2`.
    ///
    /// No thread can be started while it is attached, so that calls are counted in one order; only
    /// the thread that does the work is looked at.
    pub(crate) fn attach(driver: &Driver, options: &[&str]) -> Self {
        let directory = TempDir::new().unwrap();
        let log = directory.path().join("log");
        let mut command = Command::new("strace");
        command
            .arg("-p")
            .arg(driver.thread())
            .arg("-o")
            .arg(&log)
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        stderr.read_line(&mut line).unwrap();
        assert!(line.contains("attached"), "{line}");
        Self {
            child,
            log,
            _directory: directory,
        }
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Strace {
    fn drop(&mut self) {
        // It ends with the process that it is attached to.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// No new threads: what would wait for the disk together does so one after the other.
const ONE_THREAD: [&str; 2] = ["-e", "inject=clone3,clone:error=EAGAIN"];

/// Run a driver with one thing injected.
pub(crate) fn run_with(arguments: &[&str], inject: &str) -> Finished {
    let mut driver = Driver::start(arguments);
    let inject = format!("inject={inject}");
    let [flag, threads] = ONE_THREAD;
    let _strace = Strace::attach(&driver, &[flag, threads, "-e", &inject]);
    driver.release();
    driver.finish()
}

/// How often a driver calls each of `calls` when nothing is injected.
pub(crate) fn count(arguments: &[&str], call: &str) -> usize {
    let mut driver = Driver::start(arguments);
    let trace = format!("trace={call},clone3,clone");
    let [flag, threads] = ONE_THREAD;
    let strace = Strace::attach(&driver, &[flag, threads, "-e", &trace]);
    driver.release();
    while driver.line().is_some() {}
    let prefix = format!("{call}(");
    let log = strace.log();
    log.lines().filter(|line| line.starts_with(&prefix)).count()
}

/// The log of these calls of a driver, with the path of each file.
pub(crate) fn trace(arguments: &[&str], calls: &str) -> String {
    let mut driver = Driver::start(arguments);
    let trace = format!("trace={calls},clone3,clone");
    let [flag, threads] = ONE_THREAD;
    let options = ["-y", "-s", "200", flag, threads, "-e", &trace];
    let strace = Strace::attach(&driver, &options);
    driver.release();
    while driver.line().is_some() {}
    strace.log()
}

/// A driver that was stopped in the middle of its work.
pub(crate) struct Stopped {
    driver: Driver,
    _strace: Strace,
}

impl Stopped {
    /// Let a driver run until just after its `when`-th `call`; how it ended if it ends before.
    pub(crate) fn after(arguments: &[&str], call: &str, when: usize) -> Result<Self, Finished> {
        Self::after_call_on(arguments, call, when, None)
    }

    /// The same, counting only calls on the file `path`.
    pub(crate) fn after_call_on(
        arguments: &[&str],
        call: &str,
        when: usize,
        path: Option<&Path>,
    ) -> Result<Self, Finished> {
        let mut driver = Driver::start(arguments);
        let inject = format!("inject={call}:signal=STOP:when={when}");
        let [flag, threads] = ONE_THREAD;
        let mut options = vec![flag, threads, "-e", &inject];
        if let Some(path) = path {
            options.extend(["-P", text(path)]);
        }
        let strace = Strace::attach(&driver, &options);
        driver.release();
        let begun = Instant::now();
        loop {
            let log = strace.log();
            if log.contains("--- stopped by SIGSTOP ---") {
                return Ok(Self {
                    driver,
                    _strace: strace,
                });
            }
            if log.contains("+++ exited with") {
                return Err(driver.finish());
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "the driver neither stops nor ends: {log}"
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub(crate) fn driver(&self) -> &Driver {
        &self.driver
    }

    /// Let it go on.
    pub(crate) fn finish(self) -> Finished {
        self.driver.signal(Signal::CONT);
        self.driver.finish()
    }
}
