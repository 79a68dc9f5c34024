# The template's flake works with our inputs in place of its own: its own checks build.
{ lib, pkgs, ... }:
let
  system = pkgs.stdenv.hostPlatform.system;
  flake = import ../templates/experiment/flake.nix;
  outputs = flake.outputs {
    gatos = { inherit lib; };
    nixpkgs.legacyPackages.${system} = pkgs;
  };
in
pkgs.linkFarm "template-builds" outputs.checks.${system}
