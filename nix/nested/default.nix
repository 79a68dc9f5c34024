# A check that uses Nix itself: it runs as root of a user namespace whose /nix is a store of its own,
# inside of the build's sandbox, whose store is read-only and has no database.
{ pkgs }:
name:
{
  # What is on PATH.
  tools ? [ ],
  # What the script needs besides, by name. It is in the store, with all that it refers to.
  environment ? { },
}:
script:
let
  all = tools ++ [
    pkgs.bash
    pkgs.coreutils
    pkgs.findutils
    pkgs.git
    pkgs.gnugrep
    pkgs.gnused
    pkgs.nix
    # Last, because it has programs of the same names that know less.
    pkgs.pkgsStatic.busybox
  ];
in
pkgs.runCommand name
  (
    environment
    // {
      nativeBuildInputs = all;
      exportReferencesGraph = [
        "closure"
        (pkgs.writeText "closure" (toString (all ++ builtins.attrValues environment)))
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
