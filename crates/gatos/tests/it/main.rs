//! The façade against real repositories.

mod fixture;
mod forgery;
mod journal;
mod repository;
mod study;
mod thread;
