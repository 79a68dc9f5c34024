# `nix fmt`: Rust with rustfmt, and Nix with nixfmt where the package set has it.
{ pkgs }:
pkgs.writeShellScriptBin "format" (
  ''
    set -eu
    cargo fmt --all
  ''
  + pkgs.lib.optionalString (pkgs ? nixfmt) ''
    git ls-files -z '*.nix' | xargs -0 ${pkgs.nixfmt}/bin/nixfmt
  ''
)
