# What a user starts from is initialised, run, verified and reproduced as its README says, by a Nix
# inside of the build's sandbox.
{
  gatos,
  pkgs,
  source,
  ...
}:
import ../nix/nested { inherit pkgs; } "template" {
  tools = [
    gatos
    pkgs.python3
  ];
  environment = {
    inherit source;
    # What the package set is locked to in the air-gapped mode.
    sources = pkgs.sources or [ ];
    nixpkgs = builtins.path {
      name = "source";
      inherit (pkgs) path;
    };
  };
} (builtins.readFile ./template.sh)
