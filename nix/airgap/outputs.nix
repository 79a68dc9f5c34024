# The air-gapped package set as a flake with nixpkgs' outputs. Its `flake.nix` is written by
# `cargo xtask nix`, because it names the trees in this machine's store.
{
  self,
  cargo-built,
  system,
  ...
}@inputs:
let
  trees = builtins.removeAttrs inputs [
    "self"
    "cargo-built"
    "system"
  ];
in
{
  lib = import ./lib.nix;
  legacyPackages.${system} = import ./default.nix {
    inherit cargo-built system trees;
  };
}
