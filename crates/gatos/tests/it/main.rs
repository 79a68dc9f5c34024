//! The façade against real repositories.

mod fixture;
mod journal;
