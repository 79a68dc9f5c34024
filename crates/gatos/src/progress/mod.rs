//! Telling somebody how far a long operation is.

/// Where an operation reports to while it runs.
pub trait Progress {
    /// A step begins; `total` is its number of units, where that is known.
    fn begin(&mut self, what: &str, total: Option<u64>);

    /// `by` more units of the step are done.
    fn advance(&mut self, by: u64);

    /// A line that somebody watching would want to see, such as one of a build's log.
    fn note(&mut self, line: &str);

    /// The step is done.
    fn end(&mut self);
}

/// Progress that nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn begin(&mut self, _: &str, _: Option<u64>) {}

    fn advance(&mut self, _: u64) {}

    fn note(&mut self, _: &str) {}

    fn end(&mut self) {}
}
