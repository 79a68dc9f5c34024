//! Releasing locks when the process is told to end.

use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use super::SignalError;

/// From now on, end at TERM, INT, HUP and QUIT as if the signal were not handled, but remove the
/// lock files that this process holds before. For programs, at their start.
///
/// What a signal interrupts is not applied, or applied whole: a transaction of several refs that
/// is interrupted between two of them is finished or undone by the next.
///
/// # Errors
/// [`SignalError`] if the operating system refuses.
pub fn release_locks_on_signals() -> Result<(), SignalError> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP, SIGQUIT])
        .map_err(|source| SignalError { source })?;
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            for signal in signals.forever() {
                gix::tempfile::registry::cleanup_tempfiles_signal_safe();
                // Fails for no signal of the list.
                let _ = emulate_default_handler(signal);
            }
        })
        .map(|_| ())
        .map_err(|source| SignalError { source })
}
