{
  description = "My study";

  # The name that `nix registry add gatos …` gave to GATOS; flake.lock fixes the exact version.
  inputs.gatos.url = "flake:gatos";
  inputs.nixpkgs.follows = "gatos/nixpkgs";

  outputs =
    { gatos, nixpkgs, ... }:
    let
      study = gatos.lib.forEachSystem nixpkgs (pkgs: {
        default = import ./experiment.nix { inherit gatos pkgs; };
      });
    in
    {
      packages = study;
      checks = study;
    };
}
