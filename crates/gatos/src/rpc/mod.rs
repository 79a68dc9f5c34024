//! What a program and the daemon say to each other: one JSON object a line. `docs/spec/rpc.md`.
//!
//! Nothing here reads or writes a socket: bytes in, lines and requests out, and back.

mod answer;
mod code;
mod frame;
mod request;
#[cfg(test)]
mod tests;

pub use self::answer::{Answer, Body, Message, Note};
pub use self::code::Code;
pub use self::frame::{FrameError, Framer};
pub use self::request::{Call, Id, Refusal, Request};

/// The version of the protocol.
pub const PROTOCOL: i64 = 1;
/// Longest line with its line break, in bytes, from either side.
pub const MAX_LINE_BYTES: usize = 1 << 20;
/// Longest text that is a request's id, in bytes.
pub const MAX_ID_BYTES: usize = 64;
