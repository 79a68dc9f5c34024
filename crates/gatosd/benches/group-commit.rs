//! 64 appenders through the daemon, each waiting until its event is durable, against one appender.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark starts a daemon, takes times and prints them"
)]

mod load;

use crate::load::daemon::{Daemon, receive};
use crate::load::{CLIENTS, ROUNDS, median, report, seconds_each};

fn main() {
    let daemon = Daemon::start();
    let (mut many, mut one) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        // Signed in this order, so that none comes late because of the measurement.
        let alone = daemon.requests(1, 200);
        one.push(seconds_each(&daemon.socket(), &alone, receive));
        let together = daemon.requests(CLIENTS, 100);
        many.push(seconds_each(&daemon.socket(), &together, receive));
    }
    report("group-commit", (median(many), median(one)), 20.0);
}
