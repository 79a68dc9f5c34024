//! NAR hashing against Nix's own.
