# The workspace's tests pass in the sandbox, against the program as it is packaged.
{ pkgs, ... }:
import ../nix/packages.nix {
  inherit pkgs;
  doCheck = true;
}
