{
  description = "Palmer penguins: how large they are, by species and sex";

  inputs.gatos.url = "flake:gatos";
  inputs.nixpkgs.follows = "gatos/nixpkgs";

  outputs =
    { gatos, nixpkgs, ... }:
    {
      packages = gatos.lib.forEachSystem nixpkgs (pkgs: {
        default = import ./experiment.nix { inherit gatos pkgs; };
      });
    };
}
