# What the flake exports as `lib`: the functions that a study is written with.
{
  mkJob = import ./mkJob.nix;
  mkExperiment = import ./mkExperiment.nix;

  # The systems that studies and packages are offered for.
  systems = [
    "x86_64-linux"
    "aarch64-linux"
  ];

  # forEachSystem nixpkgs (pkgs: …): one value for each system, from that system's packages.
  forEachSystem =
    nixpkgs: value:
    builtins.listToAttrs (
      map (system: {
        name = system;
        value = value nixpkgs.legacyPackages.${system};
      }) (import ./default.nix).systems
    );
}
