# The workspace's tests pass in the sandbox, against the programs as they are packaged.
{
  gatos,
  pkgs,
  source,
  ...
}:
import ../nix/nested { inherit pkgs; } "tests" {
  tools = [
    gatos
    pkgs.findutils
    pkgs.gnugrep
    pkgs.patchelf
    pkgs.python3
  ];
  environment = {
    inherit gatos source;
    tests = import ../nix/tests.nix { inherit pkgs; };
    # What the sandbox forbids, or has not: each is run outside of it, by `cargo test`.
    skipped = [
      # A file with a set-uid bit.
      "nar::refuses_what_cannot_be_recorded_and_names_it"
    ];
  };
} (builtins.readFile ./tests.sh)
