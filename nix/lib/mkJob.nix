# A job: one program, its inputs, and a folder of results, as a plain derivation.
# Its text names exactly the files it was given, so nothing else can change its identity.
{
  pkgs,
  # What the results are called in the store.
  name,
  # A file or a folder with the program.
  program,
  # A bash command; `$program` is the path of the program.
  command ? null,
  # What is on PATH beside bash and coreutils.
  packages ? null,
  # Name → file or folder, found as `inputs/<name>`.
  inputs ? { },
  # Written to `parameters.json`.
  parameters ? { },
  # Seconds after which the job is stopped.
  timeout ? 3600,
  # Whom to name in messages.
  caller ? "mkJob",
  ...
}@given:
let
  check = import ./check.nix "${caller} \"${toString name}\"";
  source = import ./source.nix;

  programFile = check.file "program" program;
  extension = builtins.match ".*\\.(py|sh)" (baseNameOf programFile);
  isFolder = builtins.readFileType programFile == "directory";
  language = if extension == null || isFolder then "other" else builtins.head extension;

  defaults = {
    py = {
      command = "python3 $program";
      packages = [ pkgs.python3 ];
    };
    sh = {
      command = "bash $program";
      packages = [ ];
    };
    other = {
      command = check.fail "`command` is missing: only for a program that ends in `.py` or `.sh` is it known how to start it; write e.g. `command = \"python3 $program/main.py\";`";
      packages = [ ];
    };
  };
  orDefault = field: value: if value == null then defaults.${language}.${field} else value;

  inputPaths = builtins.mapAttrs (
    input: value:
    let
      field = "inputs.${input}";
    in
    if check.name field input == "parameters" then
      check.fail "`${field}`: that name is taken by `parameters`"
    else if builtins.isPath value then
      source input (check.file field value)
    else if builtins.isString value && builtins.hasContext value then
      value
    else
      check.fail "`${field}` must be a path, e.g. `${input} = ./data/${input}.csv;` without quotes, or something built by Nix"
  ) (check.set "inputs" inputs);

  parametersFile = builtins.toFile "parameters.json" (
    builtins.toJSON (check.set "parameters" parameters)
  );
  hasParameters = parameters != { };

  allInputs = inputPaths // (if hasParameters then { parameters = parametersFile; } else { });
  place = input: if input == "parameters" then "parameters.json" else "inputs/${input}";
in
assert check.knows [
  "pkgs"
  "name"
  "program"
  "command"
  "packages"
  "inputs"
  "parameters"
  "timeout"
  "caller"
] given;
derivation {
  name = check.name "name" name;
  system = pkgs.stdenv.hostPlatform.system;
  builder = "${pkgs.bash}/bin/bash";
  args = [ (source "gatos-job.sh" ./job.sh) ];

  # What gatos reads from the derivation.
  gatosJob = "1";
  gatosName = name;
  gatosInputs = builtins.toJSON allInputs;
  gatosTimeout = toString (check.seconds "timeout" timeout);

  # What job.sh reads from its environment.
  gatosCommand = check.text "command" (orDefault "command" command);
  gatosLinks = builtins.concatStringsSep "\n" (
    map (input: "${place input}=${allInputs.${input}}") (builtins.attrNames allInputs)
  );
  program = source (if isFolder then "program" else baseNameOf programFile) programFile;

  PATH = builtins.concatStringsSep ":" (
    map (package: "${package.bin or package.out or package}/bin") (
      orDefault "packages" packages
      ++ [
        pkgs.bash
        pkgs.coreutils
      ]
    )
  );

  # The same answers on every machine, from programs that ask these.
  LC_ALL = "C";
  TZ = "UTC";
  PYTHONUTF8 = "1";
  PYTHONHASHSEED = "0";
  PYTHONDONTWRITEBYTECODE = "1";
  OMP_NUM_THREADS = "1";
  OPENBLAS_NUM_THREADS = "1";
  SOURCE_DATE_EPOCH = "315532800";
}
