//! The command line as people use it: the real program, in an environment that holds nothing else.

#![expect(
    clippy::disallowed_methods,
    reason = "tests: start programs and read files"
)]

mod answers;
mod gate;
mod hidden;
mod interruptions;
mod lab;
mod manual;
mod newcomer;
mod replay;
mod secrets;
mod sessions;
