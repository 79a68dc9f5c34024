//! 64 appenders through the daemon, each waiting until its event is durable, against one appender.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark starts a daemon, takes times and prints them"
)]

mod load;

use crate::load::daemon::{Daemon, receive};
use crate::load::{CLIENTS, ROUNDS, Times, seconds_each};

fn main() {
    let daemon = Daemon::start();
    let socket = daemon.socket();
    let seconds = |requests: Vec<_>| seconds_each(&socket, &requests, receive);
    let (mut drafts, mut signed) = (Times::default(), Times::default());
    for _ in 0..ROUNDS {
        drafts.rival.push(seconds(Daemon::drafts(1, 200)));
        drafts.ours.push(seconds(Daemon::drafts(CLIENTS, 100)));
        // Signed in this order, so that none comes late because of the measurement.
        signed.rival.push(seconds(daemon.signed(1, 200)));
        signed.ours.push(seconds(daemon.signed(CLIENTS, 100)));
    }
    signed.remark("events that their senders signed");
    drafts.report("group-commit", 20.0);
}
