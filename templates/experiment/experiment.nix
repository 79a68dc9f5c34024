# What this study is made of. This is the file to edit; README.md explains every line.
{ gatos, pkgs }:
gatos.lib.mkExperiment {
  inherit pkgs;
  name = "my-study";

  program = ./analysis.py;
  packages = [ pkgs.python3 ];

  inputs = {
    measurements = ./data/measurements.csv;
  };
  parameters = {
    digits = 3;
  };

  journal = "results";
  fold = ./fold.lua;
}
