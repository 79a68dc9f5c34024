# What this study is made of; README.md says what it asks and finds.
{ gatos, pkgs }:
gatos.lib.mkExperiment {
  inherit pkgs;
  name = "co2";

  program = ./analysis;
  command = "python3 $program";
  packages = [ pkgs.python3 ];

  inputs.co2 = ./data/co2.csv;
  states.yearly = {
    journal = "measurements";
    fold = ./yearly.lua;
  };
  parameters = {
    trend_degree = 3;
    harmonics = 2;
  };

  journal = "results";
  fold = ./trend.lua;
  evidence = ./evidence;
}
