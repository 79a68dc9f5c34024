# Python with its standard library, as Debian builds it.
{ lib, unpack }:
let
  python = unpack.tree "python";
in
python
// {
  pname = "python3";
  pythonVersion = "3.11";
  interpreter = "${python}/bin/python3";
  withPackages =
    _:
    throw "python3.withPackages: the air-gapped package set has Python's standard library only; with nixpkgs (GATOS_NIXPKGS=online) every package is there";
}
