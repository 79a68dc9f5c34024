# Every study's job, built by Nix in its sandbox, gives the outputs of the committed evidence.
{
  gatos,
  lib,
  pkgs,
  ...
}:
let
  folders = builtins.readDir ../experiments;
  studies = builtins.filter (name: folders.${name} == "directory") (builtins.attrNames folders);

  check =
    study:
    let
      folder = ../experiments + "/${study}";
      job = import (folder + "/experiment.nix") {
        inherit pkgs;
        gatos = { inherit lib; };
      };
      archive = folder + "/evidence/study.car";
      repair = "cargo xtask evidence ${study}";
    in
    pkgs.runCommand "reproduce-${study}"
      {
        nativeBuildInputs = [ gatos ];
        evidence =
          if builtins.pathExists archive then
            builtins.path {
              name = "${study}.car";
              path = archive;
            }
          else
            throw "experiments/${study} has no evidence/study.car yet; repair: ${repair}";
        # The text of the derivation and of all it needs, but not what they build.
        derivation = builtins.unsafeDiscardOutputDependency job.drvPath;
        built = job;
      }
      ''
        export HOME=$TMPDIR
        gatos evidence compare "$evidence" --drv "$derivation" --output out="$built" |& tee $out || {
          echo "repair: if the new results are right, record them: ${repair}" >&2
          exit 1
        }
      '';
in
builtins.listToAttrs (
  map (study: {
    name = "reproduce-${study}";
    value = check study;
  }) studies
)
