# The air-gapped package set as a flake with nixpkgs' outputs. Its `flake.nix` is written by
# `cargo xtask nix`, because it names the trees in this machine's store.
{
  self,
  cargo-built,
  ...
}@inputs:
let
  trees = builtins.removeAttrs inputs [
    "self"
    "cargo-built"
  ];
  lib = import ./lib.nix;
in
{
  inherit lib;
  legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (
    system: import ./default.nix { inherit cargo-built system trees; }
  );
}
