//! The only crate that touches Nix: instantiate, realise, hash, compare, clean room.
//!
//! Nix is asked through its stable commands; what it answers about bytes is computed again here.
//! Derivations are parsed from their text, never from what Nix says about them.
//!
//! ```
//! use gatos_nix::StorePath;
//!
//! let path: StorePath = "/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-net-tools-1.60".parse()?;
//! assert_eq!(path.name(), "net-tools-1.60");
//!
//! // A text's store path follows from its bytes, so a forged one is found without Nix.
//! let text = StorePath::of_text("hello.txt", b"hello\n", &[])?;
//! assert_eq!(text.name(), "hello.txt");
//! # Ok::<(), gatos_nix::StorePathError>(())
//! ```
#![expect(
    clippy::disallowed_methods,
    reason = "adapter: runs Nix and reads its store"
)]

pub mod clean_room;
pub mod derivation;
pub mod difference;
pub mod environment;
pub mod evaluate;
pub mod job;
pub mod nar;
pub mod nix;
mod process;
pub mod realise;
mod store_path;

pub use self::process::{Cancel, RESERVE_BYTES};
pub use self::store_path::{StorePath, StorePathError};
