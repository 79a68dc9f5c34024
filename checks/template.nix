# What a user starts from builds: the template's own checks, with our inputs in place of its own.
{ lib, pkgs, ... }:
let
  system = pkgs.stdenv.hostPlatform.system;
  flake = import ../templates/experiment/flake.nix;
  outputs = flake.outputs {
    gatos = { inherit lib; };
    nixpkgs.legacyPackages = builtins.listToAttrs (
      map (name: {
        inherit name;
        value = pkgs;
      }) lib.systems
    );
  };
in
pkgs.linkFarm "template" outputs.checks.${system}
