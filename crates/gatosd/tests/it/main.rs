//! The daemon as its users meet it: a real process, real sockets, real repositories.

#![expect(
    clippy::disallowed_methods,
    reason = "tests: they start programs, connect to sockets and wait for them"
)]

mod append;
mod both_ways;
mod clients;
mod crash;
mod governing;
mod lab;
mod lines;
mod one_daemon;
mod readers;
mod states;
mod stop;
mod watching;
