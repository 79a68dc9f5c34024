//! The façade against real repositories.

mod fixture;
mod journal;
mod study;
mod thread;
