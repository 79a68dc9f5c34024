//! From the first connection to the last answer.

use std::collections::BTreeMap;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use gatos::Repository;
use rustix::net::Shutdown;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::signal_name;

use super::House;
use super::socket::Socket;
use crate::connection;
use crate::failure::Failure;
use crate::supervisor::Supervisor;
use crate::work;

/// Most connections at once.
const MAX_CONNECTIONS: u64 = 512;

/// The daemon, ready to serve.
#[derive(Debug)]
pub(crate) struct Server {
    socket: Socket,
}

/// The connections that are open, by number.
type Guests = Mutex<BTreeMap<u64, (UnixStream, JoinHandle<()>)>>;

impl Server {
    /// Become the daemon of a repository and listen.
    ///
    /// # Errors
    /// Another daemon of this repository, or a place where no socket can be.
    pub(crate) fn bind(repository: &Repository, path: Option<&Path>) -> Result<Self, Failure> {
        let socket = Socket::bind(repository, path)?;
        Ok(Self { socket })
    }

    /// Serve until a signal; then finish what was taken on.
    ///
    /// # Errors
    /// A system without threads or signals.
    pub(crate) fn serve(self, house: &Arc<House>, supervisor: &Supervisor) -> Result<(), Failure> {
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        let recorder = spawn("record", house, work::record_all)?;
        let folder = spawn("fold", house, work::fold_all)?;
        let keeper = spawn("keep", house, work::keep)?;
        let herald = spawn("announce", house, work::announce)?;
        let guests: Guests = Mutex::default();
        thread::scope(|scope| -> Result<(), Failure> {
            scope.spawn(|| accept(&self.socket, house, &guests));
            let shown = self.socket.path.display().to_string();
            let repo = house.repository()?.id();
            let about: [(&str, &dyn std::fmt::Display); 3] = [
                ("socket", &shown),
                ("repo", &repo),
                ("pid", &std::process::id()),
            ];
            house.log.info("listening", &about);
            supervisor.ready(&format!("listening at {shown}"));
            let signal = signals.forever().next().unwrap_or(SIGTERM);
            let name = signal_name(signal).unwrap_or("a signal");
            house.log.info("stopping", &[("signal", &name)]);
            supervisor.stopping();
            end_at_once_on_a_second(signals);
            house.stop();
            self.socket.remove();
            // Wakes whoever waits for the next connection.
            let _ = rustix::net::shutdown(&self.socket.listener, Shutdown::Both);
            Ok(())
        })?;
        send_off(&guests);
        house.recordings.close();
        house.folds.close();
        for thread in [recorder, folder, keeper, herald] {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
        let events = house.counts.events.load(Ordering::Relaxed);
        house.log.info("stopped", &[("events", &events)]);
        Ok(())
    }
}

fn spawn(
    name: &str,
    house: &Arc<House>,
    work: fn(&House),
) -> Result<JoinHandle<()>, std::io::Error> {
    let house = Arc::clone(house);
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || work(&house))
}

/// Whoever asks twice wants it now. Commits are whole or not there, and what was answered stays.
fn end_at_once_on_a_second(mut signals: Signals) {
    // Detached: it lives until the process ends.
    let _ = thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            if let Some(signal) = signals.forever().next() {
                std::process::exit(128 + signal);
            }
        });
}

/// Take connections until the listener is shut down.
fn accept(socket: &Socket, house: &Arc<House>, guests: &Guests) {
    let mut number = 0;
    loop {
        let stream = match socket.listener.accept() {
            Ok((stream, _)) => stream,
            Err(_) if house.is_stopping() => return,
            Err(error) => {
                house
                    .log
                    .error("cannot take a connection", &[("why", &error)]);
                // Out of file descriptors, for instance: others have to leave first.
                thread::sleep(std::time::Duration::from_millis(50));
                continue;
            }
        };
        if house.is_stopping() {
            return;
        }
        number += 1;
        if let Err(error) = welcome(house, (number, stream), guests) {
            house
                .log
                .error("cannot serve a connection", &[("why", &error)]);
        }
    }
}

fn welcome(
    house: &Arc<House>,
    (number, stream): (u64, UnixStream),
    guests: &Guests,
) -> std::io::Result<()> {
    forget_those_who_left(guests);
    if house.counts.connections.load(Ordering::SeqCst) >= MAX_CONNECTIONS {
        connection::turn_away(&stream, MAX_CONNECTIONS);
        return Ok(());
    }
    let handle = stream.try_clone()?;
    let house = Arc::clone(house);
    house.counts.connections.fetch_add(1, Ordering::SeqCst);
    let served = Arc::clone(&house);
    let thread = thread::Builder::new()
        .name(format!("connection {number}"))
        .spawn(move || {
            connection::serve(&served, stream);
            served.counts.connections.fetch_sub(1, Ordering::SeqCst);
        });
    match thread {
        Ok(thread) => {
            lock(guests).insert(number, (handle, thread));
            Ok(())
        }
        Err(error) => {
            house.counts.connections.fetch_sub(1, Ordering::SeqCst);
            Err(error)
        }
    }
}

fn forget_those_who_left(guests: &Guests) {
    lock(guests).retain(|_, (_, thread)| !thread.is_finished());
}

/// Read nothing more from anybody, and wait until everybody has their answers.
fn send_off(guests: &Guests) {
    let guests = std::mem::take(&mut *lock(guests));
    for (stream, _) in guests.values() {
        let _ = stream.shutdown(std::net::Shutdown::Read);
    }
    for (_, (_, thread)) in guests {
        // A connection that panicked has no more answers.
        let _ = thread.join();
    }
}

fn lock(guests: &Guests) -> MutexGuard<'_, BTreeMap<u64, (UnixStream, JoinHandle<()>)>> {
    guests.lock().unwrap_or_else(PoisonError::into_inner)
}
