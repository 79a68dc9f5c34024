//! The deterministic engine of GATOS and its types: bytes, ids, statements, Merkle log, state tree,
//! EchoLua, folds, proofs.
//!
//! Nothing in this crate reads a file, a clock, the environment or a random source, and nothing
//! that is hashed depends on the machine: bytes go in, bytes come out.
//!
//! ```
//! use gatos_core::{cbor, cid::Cid, json};
//!
//! let value = json::from_str(r#"{"b": 0.10, "aa": 2}"#)?;
//! let bytes = cbor::encode(&value);
//! assert_eq!(cbor::decode(&bytes).as_ref(), Ok(&value));
//! // Shorter keys first, and one text for one number.
//! assert_eq!(json::to_string(&value), r#"{"b":0.1,"aa":2}"#);
//! println!("{}", Cid::of_dag_cbor(&bytes));
//! # Ok::<(), gatos_core::json::JsonError>(())
//! ```
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::float_arithmetic,
        clippy::iter_over_hash_type,
        clippy::host_endian_bytes,
    )
)]

#[cfg_attr(
    not(test),
    expect(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        reason = "not under the crate's rule yet"
    )
)]
pub mod car;
pub mod cbor;
pub mod cid;
pub mod decimal;
pub mod denial;
pub mod echolua;
pub mod envelope;
pub mod evidence;
pub mod experiment;
pub mod fold;
pub mod gate;
pub mod genesis;
pub mod governance;
pub mod id;
pub mod job;
pub mod journal;
pub mod json;
pub mod keys;
pub mod merkle;
pub mod name;
pub mod place;
pub mod policy;
pub mod state;
pub mod statement;
pub mod ulid;
pub mod value;
