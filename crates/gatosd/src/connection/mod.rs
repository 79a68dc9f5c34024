//! One program that is connected: its requests come in here, and its answers leave.

mod call;
mod outbox;
mod ticket;

use std::io::{self, Read as _};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use gatos::KnownKeys;
use gatos::rpc::{Answer, Code, Framer, Refusal, Request};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::sockopt::socket_peercred;
use rustix::process::geteuid;

use self::outbox::Outbox;
use self::ticket::{Desk, MAX_IN_FLIGHT};
use crate::house::House;

pub(crate) use self::call::{outdated, queue_fold};
pub(crate) use self::ticket::Ticket;

/// How much is read at once.
const PIECE_BYTES: usize = 64 << 10;

/// Say to a program that there are too many already.
pub(crate) fn turn_away(stream: &UnixStream, most: u64) {
    let reason = format!("there are {most} connections already");
    say_and_end(stream, Refusal::new(None, Code::Busy, reason));
}

fn say_and_end(stream: &UnixStream, refusal: Refusal) {
    if let Ok(outbox) = stream
        .try_clone()
        .and_then(|stream| Outbox::new(stream, Duration::from_secs(1)))
    {
        outbox.send(Answer::refused(&refusal));
    }
    // Whoever was turned away has read why, or does not care.
    let _ = stream.shutdown(std::net::Shutdown::Both);
}

/// Serve a program until it leaves or we do.
pub(crate) fn serve(house: &Arc<House>, stream: UnixStream) {
    if let Err(error) = check_peer(&stream) {
        say_and_end(&stream, Refusal::new(None, Code::Stranger, error));
        return;
    }
    let outbox = stream
        .try_clone()
        .and_then(|stream| Outbox::new(stream, house.settings.patience));
    let outbox = match outbox {
        Ok(outbox) => outbox,
        Err(error) => {
            house
                .log
                .error("cannot serve a connection", &[("why", &error)]);
            return;
        }
    };
    let desk = Arc::new(Desk::new(outbox));
    thread::scope(|scope| {
        let writer = thread::Builder::new()
            .name("answers".to_owned())
            .spawn_scoped(scope, || desk.outbox.write_all());
        if writer.is_err() {
            say_and_end(
                &stream,
                Refusal::new(None, Code::Busy, "there are no more threads".to_owned()),
            );
            return;
        }
        read_all(house, &desk, &stream);
        desk.wait_for_fewer_than(1);
        desk.outbox.close();
    });
}

/// Only the daemon's own user may ask for anything, and root, who could become that user anyway.
//= spec/rpc.md#socket
fn check_peer(stream: &UnixStream) -> Result<(), String> {
    let peer = socket_peercred(stream).map_err(|error| format!("who are you? {error}"))?;
    if peer.uid == geteuid() || peer.uid.is_root() {
        return Ok(());
    }
    let (theirs, ours) = (peer.uid.as_raw(), geteuid().as_raw());
    Err(format!(
        "this daemon serves user {ours} and nobody else; you are user {theirs}"
    ))
}

/// Read requests and take them on, until the program has no more or has left.
fn read_all(house: &Arc<House>, desk: &Arc<Desk>, stream: &UnixStream) {
    let mut framer = Framer::new();
    let mut known = KnownKeys::new();
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let count = match (&*stream).read(&mut piece) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return desk.cancel_all(),
        };
        framer.feed(piece.get(..count).unwrap_or_default());
        while let Some(line) = framer.next_line() {
            desk.wait_for_fewer_than(MAX_IN_FLIGHT);
            if !desk.outbox.wait_for_room() {
                return desk.cancel_all();
            }
            let request = line
                .map_err(call::unframed)
                .and_then(|line| Request::read(&line));
            let taken = request.and_then(|request| {
                Desk::open(desk, request.id).map(|ticket| (ticket, request.call))
            });
            match taken {
                Ok((ticket, call)) => call::answer(house, (desk, ticket), call, &mut known),
                Err(refusal) => desk.outbox.send(Answer::refused(&refusal)),
            }
        }
    }
    if let Err(error) = framer.finish() {
        desk.outbox.send(Answer::refused(&call::unframed(error)));
    }
    wait_for_leave(house, desk, stream);
}

/// A program that says nothing more may still listen: streams go on until it leaves.
fn wait_for_leave(house: &House, desk: &Desk, stream: &UnixStream) {
    let at_once = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    while !desk.wait_until_idle(Duration::from_millis(200)) && !house.is_stopping() {
        let mut polled = [PollFd::new(stream, PollFlags::empty())];
        let left = poll(&mut polled, Some(&at_once)).is_ok_and(|count| count > 0);
        if left {
            return desk.cancel_all();
        }
    }
}
