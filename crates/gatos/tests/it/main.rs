//! The façade against real repositories.

mod fixture;
mod forgery;
mod journal;
mod study;
mod thread;
