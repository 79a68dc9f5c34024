# The developers' tool, for the checks that it makes.
{ pkgs, doCheck ? false }:
let
  manifest = builtins.fromTOML (builtins.readFile ../Cargo.toml);
in
pkgs.rustPlatform.buildRustPackage {
  pname = "xtask";
  inherit (manifest.workspace.package) version;
  src = import ./source.nix "gatos-source" [
    ".cargo"
    "Cargo.lock"
    "Cargo.toml"
    "crates"
  ];
  cargoLock.lockFile = ../Cargo.lock;
  cargoBuildFlags = [ "--package=xtask" ];
  inherit doCheck; nativeCheckInputs = [ pkgs.git pkgs.nix pkgs.python3 ];
}
