# What this study is made of; README.md says what it asks and finds.
{ gatos, pkgs }:
gatos.lib.mkExperiment {
  inherit pkgs;
  name = "penguins";

  program = ./analysis.py;
  packages = [ pkgs.python3 ];

  inputs.penguins = ./data/penguins.csv;
  parameters = {
    permutations = 9999;
    seed = 20071112;
  };

  journal = "penguins";
  fold = ./groups.lua;
  evidence = ./evidence;
}
