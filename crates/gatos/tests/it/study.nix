{
  outputs =
    { self }:
    let
      tools = builtins.path { name = "tools"; path = ./tools; };
      raw = builtins.path { name = "raw.txt"; path = ./raw.txt; };
      job =
        states:
        let
          inputs = { inherit raw; } // builtins.listToAttrs (
            map (name: { name = "${name}.json"; value = states.${name}; }) (builtins.attrNames states)
          );
        in
        derivation {
          name = "toy";
          system = "x86_64-linux";
          builder = "${tools}/sh";
          args = [
            "-euc"
            ''
              echo 'gatos-isolation {"host_paths":[],"network":["lo"]}' >&2
              mkdir inputs
              ${builtins.concatStringsSep "\n" (
                map (name: "ln -s ${inputs.${name}} inputs/${name}") (builtins.attrNames inputs)
              )}
              @script@
            ''
          ];
          PATH = "${tools}";
          gatosJob = "1";
          gatosName = "toy";
          gatosInputs = builtins.toJSON inputs;
          gatosTimeout = "60";
        };
      meta = {
        gatos = {
          name = "toy";
          states.numbers = { journal = "numbers"; fold = builtins.readFile ./sum.lua; foldName = "sum.lua"; };
          journal = "results";
          fold = builtins.readFile ./sum.lua;
          foldName = "sum.lua";
          timeout = 60;
        };
        withStates = job;
      };
    in
    {
      packages.x86_64-linux.default = job { } // meta;
    };
}
