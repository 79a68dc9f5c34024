//! The façade against real repositories.

#![expect(
    clippy::disallowed_methods,
    reason = "tests: they write files and run Git"
)]

mod bisect;
mod continued;
mod fixture;
mod forgery;
mod gate;
mod governance;
mod journal;
mod law;
mod links;
mod outlook;
mod publishing;
mod repository;
mod state;
mod study;
mod thread;
