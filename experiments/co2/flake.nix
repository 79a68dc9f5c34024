{
  description = "CO2 at Mauna Loa, 1958 to 2001: the trend and the seasonal cycle";

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
