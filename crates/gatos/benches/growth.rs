//! How time and memory of a fold from the first event grow with the journal: a table, a line of JSON a
//! size, and a plot in the target directory. Both must be linear, and a million events must fit in 400 MB.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark starts itself again, takes times and prints them"
)]

mod ground;
mod plot;
mod rows;

use std::path::Path;
use std::process::Command;

use crate::ground::{Ground, report, seconds};
use crate::plot::{Point, svg};
use crate::rows::{append_rows, fold_anew, median};

const SIZES: [usize; 5] = [10_000, 30_000, 100_000, 300_000, 1_000_000];
/// The argument after which the program folds one journal and says what that took.
const FOLD: &str = "--fold";
/// Folds of each size up to a hundred thousand; of more, one takes long enough to be told from noise.
const ROUNDS: usize = 3;
const ROUNDS_UP_TO: usize = 100_000;
/// Most memory that folding a million events may take.
const MAX_MEGABYTES: f64 = 400.0;
/// An event of a million may cost so much more than one of a hundred thousand.
const WANT: f64 = 0.8;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == FOLD) {
        Some(at) => fold_once(Path::new(&arguments[at + 1]), &arguments[at + 2]),
        None => measure(),
    }
}

/// In a process of its own, so that its peak of memory is that of one fold.
fn fold_once(folder: &Path, state: &str) {
    let mut events = 0;
    let time = seconds(|| events = fold_anew(folder, state).folded);
    println!("{events} {time:.6} {:.3}", peak_megabytes());
}

/// The most that was resident, mapped files included.
fn peak_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
    kilobytes.parse::<f64>().unwrap() / 1024.0
}

fn measure() {
    let ground = Ground::new();
    let (mut points, mut there) = (Vec::new(), 0);
    println!(
        "{:>9} {:>9} {:>12} {:>9}",
        "events", "s", "us an event", "MB"
    );
    for size in SIZES {
        append_rows(&ground, there..size);
        there = size;
        let point = of_size(&ground, size);
        show(&point);
        points.push(point);
    }
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fold-growth.svg");
    std::fs::create_dir_all(env!("CARGO_TARGET_TMPDIR")).unwrap();
    std::fs::write(&file, svg(&points)).unwrap();
    println!("plot: {}", file.display());
    let (hundred, million) = (&points[2], &points[4]);
    assert!(
        million.megabytes < MAX_MEGABYTES,
        "a million events took {} MB, more than {MAX_MEGABYTES}",
        million.megabytes
    );
    let per_event = |point: &Point| point.seconds / point.events;
    report("growth", (per_event(million), per_event(hundred)), WANT);
}

/// The medians of a few folds.
fn of_size(ground: &Ground, size: usize) -> Point {
    let once = |round| {
        let output = Command::new(std::env::current_exe().unwrap())
            .arg(FOLD)
            .arg(ground.folder.path())
            .arg(format!("size-{size}-{round}"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        read(&String::from_utf8(output.stdout).unwrap())
    };
    let points: Vec<Point> = {
        let rounds = if size > ROUNDS_UP_TO { 1 } else { ROUNDS };
        (0..rounds).map(once).collect()
    };
    assert!(points.iter().all(|point| point.events == size as f64));
    let medians = |of: fn(&Point) -> f64| median(points.iter().map(of).collect());
    Point {
        events: size as f64,
        seconds: medians(|point| point.seconds),
        megabytes: medians(|point| point.megabytes),
    }
}

fn read(line: &str) -> Point {
    let numbers: Vec<f64> = line
        .split_whitespace()
        .map(|n| n.parse().unwrap())
        .collect();
    Point {
        events: numbers[0],
        seconds: numbers[1],
        megabytes: numbers[2],
    }
}

fn show(point: &Point) {
    let Point {
        events,
        seconds,
        megabytes,
    } = point;
    let each = seconds / events * 1e6;
    println!("{events:>9} {seconds:>9.3} {each:>12.2} {megabytes:>9.1}");
    println!(
        "{{\"growth\":\"fold\",\"events\":{events},\"seconds\":{seconds:.6},\"megabytes\":{megabytes:.3}}}"
    );
}
