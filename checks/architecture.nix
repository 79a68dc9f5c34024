# The crate graph and the homes of dependencies in docs/architecture.md are the real ones.
{ pkgs, ... }:
let
  source = import ../nix/source.nix "architecture" [
    "Cargo.lock"
    "checks/deny.toml"
    "crates"
    "docs/architecture.md"
  ];
  xtask = import ../nix/xtask.nix { inherit pkgs; };
in
pkgs.runCommand "architecture" { } ''
  ${xtask}/bin/xtask architecture --root ${source}
  touch $out
''
