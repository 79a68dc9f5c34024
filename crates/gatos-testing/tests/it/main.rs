//! Integration tests: studies, documents and sources, checked by other means than their own.

#![expect(clippy::disallowed_methods, reason = "tests: read files, run programs")]

mod documents;
mod studies;
mod tidy;
