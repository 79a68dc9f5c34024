# Checks what a study says about itself, with messages that name the field and the fix.
# `where` is the function that the user called, e.g. "mkExperiment \"co2\"".
where:
let
  fail = message: throw "${where}: ${message}";
  quoted = names: builtins.concatStringsSep ", " (map (name: "`${name}`") names);
in
rec {
  inherit fail;

  # Every attribute given is one that the function knows.
  knows =
    known: given:
    let
      unknown = builtins.filter (name: !builtins.elem name known) (builtins.attrNames given);
    in
    unknown == [ ] || fail "unknown attribute ${quoted unknown}; the attributes are ${quoted known}";

  # Lower-case names, because they become file names and ref names.
  name =
    field: value:
    if !builtins.isString value then
      fail "`${field}` must be a string"
    else if builtins.match "[a-z0-9][a-z0-9._-]{0,63}" value == null then
      fail "`${field}` is `${value}`, but a name starts with a letter or digit and has at most 64 of a-z, 0-9, `.`, `_` and `-`"
    else
      value;

  # A journal is named like a ref below refs/gatos/journal, so slashes may group it.
  journal =
    field: value:
    if !builtins.isString value then
      fail "`${field}` must be the name of a journal, e.g. \"measurements\""
    else if builtins.match "[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*" value == null then
      fail "`${field}` is `${value}`, but a journal's name is words of a-z, 0-9, `.`, `_` and `-`, separated by `/`"
    else
      value;

  # A file or folder of the study, which Git must know or Nix does not see it.
  file =
    field: value:
    if !builtins.isPath value then
      fail "`${field}` must be a path, e.g. `${field} = ./file;` without quotes"
    else if !builtins.pathExists value then
      fail "`${field}` is ${shown value}, which is not there; if you see the file, run `git add` on it, because Nix sees only what Git knows"
    else
      value;

  set =
    field: value:
    if builtins.isAttrs value then value else fail "`${field}` must be an attribute set `{ … }`";

  text = field: value: if builtins.isString value then value else fail "`${field}` must be a string";

  seconds =
    field: value:
    if builtins.isInt value && value > 0 then
      value
    else
      fail "`${field}` must be a whole number of seconds above 0";

  # `./data/co2.csv` and not `/nix/store/…-source/data/co2.csv`.
  shown =
    path:
    let
      inside = builtins.match "/nix/store/[^/]*/(.*)" (toString path);
    in
    if inside == null then "`${toString path}`" else "`./${builtins.head inside}`";
}
