{
  description = "GATOS: Git As The Operating Surface, a truth machine for science";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      lib = import ./nix/lib;
      forEachSystem = lib.forEachSystem nixpkgs;
    in
    {
      inherit lib;

      packages = forEachSystem (pkgs: {
        default = self.packages.${pkgs.stdenv.hostPlatform.system}.gatos;
        gatos = import ./nix/packages.nix { inherit pkgs; };
      });

      # nix run .#gatos -- verify <id>
      apps = forEachSystem (pkgs: rec {
        default = gatos;
        gatos = {
          type = "app";
          program = "${self.packages.${pkgs.stdenv.hostPlatform.system}.gatos}/bin/gatos";
          meta.description = "Record, verify and reproduce experiments in a Git repository";
        };
      });

      devShells = forEachSystem (pkgs: {
        default = import ./nix/shell.nix { inherit pkgs; };
      });

      # nix flake init -t gatos#experiment
      templates.experiment = {
        path = ./templates/experiment;
        description = "An experiment in Python: recorded, proved and reproduced bit for bit";
        welcomeText = "Read README.md: it goes from here to the first proof, step by step.";
      };
      templates.default = self.templates.experiment;

      checks = forEachSystem (
        pkgs:
        import ./checks {
          inherit pkgs;
          inherit (self) lib;
          source = self;
          gatos = self.packages.${pkgs.stdenv.hostPlatform.system}.gatos;
        }
      );

      hydraJobs = { inherit (self) checks packages; };

      formatter = forEachSystem (pkgs: import ./nix/formatter.nix { inherit pkgs; });

      overlays.default = final: _: {
        gatos = import ./nix/packages.nix { pkgs = final; };
      };
    };
}
