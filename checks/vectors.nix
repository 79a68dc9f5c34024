# The vectors of every format, read by an implementation in another language.
{ pkgs, ... }:
let
  vectors = builtins.path {
    name = "vectors";
    path = ../crates/gatos-core/vectors;
  };
in
pkgs.runCommand "vectors" { nativeBuildInputs = [ pkgs.python3 ]; } ''
  python3 ${vectors}/check.py folders | tee $out || {
    echo "repair: python3 crates/gatos-core/vectors/check.py folders shows the vector; UPDATE_EXPECT=1 cargo test -p gatos-core writes them again, which is a change of the format" >&2
    exit 1
  }
''
