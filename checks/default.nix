# Every file beside this one is a check named after itself; ls is the list of promises.
arguments:
let
  isCheck = name: name != "default.nix" && builtins.match ".*\\.nix" name != null;
  names = builtins.filter isCheck (builtins.attrNames (builtins.readDir ./.));
  check = file: import (./. + "/${file}") arguments;
in
# A file makes one check, or a set of them where a promise has one check for each study.
builtins.foldl' (
  all: file:
  let
    name = builtins.head (builtins.match "(.*)\\.nix" file);
    made = check file;
  in
  all // (if made ? type then { ${name} = made; } else made)
) { } names
