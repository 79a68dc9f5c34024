# What the flake exports as `lib`: the functions that a study is written with.
{
  mkJob = import ./mkJob.nix;
  mkExperiment = import ./mkExperiment.nix;

  # The systems that studies and packages are offered for.
  systems = [
    "x86_64-linux"
    "aarch64-linux"
  ];

  # forEachSystem nixpkgs (pkgs: …): one value for each of these systems that nixpkgs has, made from
  # its packages. The air-gapped set has the system of its machine only.
  forEachSystem =
    nixpkgs: value:
    builtins.mapAttrs (_: value) (
      builtins.intersectAttrs (builtins.listToAttrs (
        map (name: {
          inherit name;
          value = null;
        }) (import ./default.nix).systems
      )) nixpkgs.legacyPackages
    );
}
