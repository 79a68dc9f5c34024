# The development shell. The air-gapped set has no Rust: there the machine's own is used.
{ pkgs }:
pkgs.mkShell {
  packages =
    pkgs.lib.optionals (pkgs ? cargo) [
      pkgs.cargo
      pkgs.clippy
      pkgs.rust-analyzer
      pkgs.rustc
      pkgs.rustfmt
    ]
    ++ [
      pkgs.git
      pkgs.python3
    ];
}
