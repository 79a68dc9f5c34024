# An experiment: a job, the journals and folds around it, and the evidence it left.
# The result is the job's derivation, with `.gatos` (what `gatos run` needs to know, as plain data)
# and `.withStates` (the same job on other states).
{
  pkgs,
  name,
  program,
  evidence ? null,
  states ? { },
  journal ? null,
  fold ? null,
  timeout ? 3600,
  ...
}@given:
let
  check = import ./check.nix "mkExperiment \"${toString name}\"";
  source = import ./source.nix;

  jobFields = [
    "pkgs"
    "name"
    "program"
    "command"
    "packages"
    "inputs"
    "parameters"
    "timeout"
  ];
  experimentFields = [
    "states"
    "journal"
    "fold"
    "evidence"
  ];

  text = field: file: builtins.readFile (check.file field file);

  describe =
    state: given:
    let
      field = "states.${check.name "states.${state}" state}";
      known = check.knows [ "journal" "fold" ] (check.set field given);
      missing = what: check.fail "`${field}` needs `${what}`, e.g. `{ journal = \"measurements\"; fold = ./${state}.lua; }`";
    in
    assert known;
    {
      journal = check.journal "${field}.journal" (given.journal or (missing "journal"));
      fold = text "${field}.fold" (given.fold or (missing "fold"));
      foldName = baseNameOf (given.fold or (missing "fold"));
    };

  described = builtins.mapAttrs describe (check.set "states" states);

  recorded =
    state: _:
    let
      file = evidence + "/states/${state}.json";
    in
    if evidence != null && builtins.pathExists file then
      file
    else
      check.fail "state `${state}` has no content yet: run `gatos run`, which folds journal `${described.${state}.journal}` and passes the state to the job";

  # A file, or a path in the store, where `gatos run` has put it under the same name already.
  content =
    state: value:
    if !(described ? ${state}) then
      check.fail "withStates: unknown state `${state}`; the states are ${toString (builtins.attrNames described)}"
    else if builtins.isString value && builtins.hasContext value then
      assert builtins.match ".*-${state}\\.json" value != null
        || check.fail "withStates: `${value}` must be called `${state}.json` in the store";
      value
    else
      source "${state}.json" (check.file "withStates: ${state}" value);

  jobOn =
    contents:
    import ./mkJob.nix (
      builtins.intersectAttrs (builtins.listToAttrs (map (name: { inherit name; value = null; }) jobFields)) given
      // {
        caller = "mkExperiment";
        inputs = (check.set "inputs" (given.inputs or { })) // asInputs (builtins.mapAttrs content contents);
      }
    );

  asInputs =
    contents:
    builtins.listToAttrs (
      map (state: {
        name =
          if (given.inputs or { }) ? "${state}.json" then
            check.fail "`inputs` and `states` both make `inputs/${state}.json`; rename one"
          else
            "${state}.json";
        value = contents.${state};
      }) (builtins.attrNames contents)
    );

  metadata = {
    name = check.name "name" name;
    states = described;
    journal = if journal == null then null else check.journal "journal" journal;
    fold =
      if fold == null then
        null
      else if journal == null then
        check.fail "`fold` needs `journal`, the journal that it folds, e.g. `journal = \"results\";`"
      else
        text "fold" fold;
    foldName = if fold == null then null else baseNameOf fold;
    timeout = check.seconds "timeout" timeout;
  };

  experiment =
    contents:
    jobOn contents
    // {
      gatos = metadata;
      withStates = others: experiment ((builtins.mapAttrs recorded states) // others);
    };
in
assert check.knows (jobFields ++ experimentFields) given;
experiment (builtins.mapAttrs recorded states)
