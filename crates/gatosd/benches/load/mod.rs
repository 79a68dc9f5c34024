//! Many clients, each with one request in flight, against the daemon or a rival.

pub(crate) mod daemon;

use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Barrier;
use std::time::Instant;

/// Bytes of an event's payload, and of a rival's message.
pub(crate) const PAYLOAD_BYTES: usize = 100;
/// How many record at once.
pub(crate) const CLIENTS: usize = 64;
/// Measurements of each; those that are compared take turns, so that a slow minute hits both.
pub(crate) const ROUNDS: usize = 7;

/// Seconds for each request, where each of `clients` sends its own, one after the other, and
/// `receive` reads an answer.
pub(crate) fn seconds_each(
    socket: &Path,
    clients: &[Vec<Vec<u8>>],
    receive: fn(&mut std::io::BufReader<UnixStream>),
) -> f64 {
    let barrier = Barrier::new(clients.len() + 1);
    let requests: usize = clients.iter().map(Vec::len).sum();
    let mut begin = Instant::now();
    std::thread::scope(|scope| {
        for requests in clients {
            let barrier = &barrier;
            scope.spawn(move || {
                let stream = UnixStream::connect(socket).unwrap();
                let mut reader = std::io::BufReader::new(stream.try_clone().unwrap());
                barrier.wait();
                for request in requests {
                    (&stream).write_all(request).unwrap();
                    receive(&mut reader);
                }
            });
        }
        barrier.wait();
        begin = Instant::now();
    });
    begin.elapsed().as_secs_f64() / f64::from(u32::try_from(requests).unwrap())
}

/// Seconds of each measurement of ours and of a rival's.
#[derive(Default)]
pub(crate) struct Times {
    pub(crate) ours: Vec<f64>,
    pub(crate) rival: Vec<f64>,
}

impl Times {
    /// Print the one line that `cargo xtask bench` reads.
    pub(crate) fn report(self, bench: &str, want: f64) {
        let (ours, rival) = (median(self.ours), median(self.rival));
        let ratio = rival / ours;
        println!(
            "{{\"bench\":\"{bench}\",\"ours\":{ours:.9},\"rival\":{rival:.9},\"unit\":\"s\",\
             \"ratio\":{ratio:.3},\"want\":{want}}}"
        );
    }

    /// Print a line for people, on something that nothing is wanted of.
    pub(crate) fn remark(self, what: &str) {
        let (ours, rival) = (median(self.ours), median(self.rival));
        let ratio = rival / ours;
        println!("{what}: {ours:.6} s to {rival:.6} s, ratio {ratio:.2}");
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
