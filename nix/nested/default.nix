# A check that uses Nix itself: it runs as root of a user namespace whose /nix is a store of its own,
# inside of the build's sandbox, whose store is read-only and has no database.
{ pkgs }:
name:
{
  # What is on PATH, and with all that it refers to in the store.
  tools ? [ ],
  # What the script needs besides, by name.
  environment ? { },
}:
script:
let
  all = tools ++ [
    pkgs.bash
    pkgs.busybox
    pkgs.coreutils
    pkgs.git
    pkgs.gnused
    pkgs.nix
  ];
in
pkgs.runCommand name
  (
    environment
    // {
      nativeBuildInputs = all;
      # What flakes are locked to in the air-gapped mode.
      sources = pkgs.sources or [ ];
      exportReferencesGraph = [
        "closure"
        (pkgs.writeText "tools" (toString all))
      ];
      inherit script;
      passAsFile = [ "script" ];
    }
  )
  ''
    bash -e -u -o pipefail ${./store.sh} closure
    busybox unshare -U -r -m bash -e -u -o pipefail ${./enter.sh} "$scriptPath"
    touch $out
  ''
