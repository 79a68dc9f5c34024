//! Integration tests: the studies under `experiments/`, checked by other means.

#![expect(clippy::disallowed_methods, reason = "tests: read the studies' files")]

mod studies;
