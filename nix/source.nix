# The folders and files of this repository, as one source that changes only when they do.
name: parts:
let
  root = ../.;
  prefix = toString root + "/";
  inside =
    path: part: path == part || builtins.substring 0 (builtins.stringLength part + 1) path == part + "/";
in
builtins.path {
  inherit name;
  path = root;
  filter =
    path: _:
    let
      relative = builtins.substring (builtins.stringLength prefix) (builtins.stringLength path) path;
    in
    # A folder above a part must be entered to reach the part.
    builtins.any (part: inside relative part || inside part relative) parts;
}
