//! What `nix/lib` promises, asked of Nix itself, and what `nix/lib/job.sh` does.

#![expect(clippy::disallowed_methods, reason = "tests run programs on files")]

mod job;
mod library;
mod study;
