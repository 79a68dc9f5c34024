# `rustPlatform.buildRustPackage` on a machine that has no Rust in its store: takes the programs
# that cargo built on this machine (`cargo xtask nix` passes them as input `cargo-built`) and does
# with them what nixpkgs does after building.
{
  cargo-built,
  lib,
  pkgs,
}:
let
  part =
    folder:
    if builtins.pathExists (cargo-built + "/${folder}") then
      builtins.path {
        name = "cargo-built-${baseNameOf folder}";
        path = cargo-built + "/${folder}";
      }
    else
      throw "the air-gapped package set was given no ${folder} built by cargo; run Nix through `cargo xtask nix …`, which builds and passes them";

  # [ "--package=git-gatos" ] → [ "git-gatos" ]: which programs of the workspace are wanted.
  packagesIn =
    flags: map (lib.removePrefix "--package=") (lib.filter (lib.hasPrefix "--package=") flags);
in
{
  # The test programs of the workspace, for nix/tests.nix.
  tests = part "tests";

  platform.buildRustPackage =
    {
      pname,
      version,
      cargoBuildFlags,
      postInstall ? "",
      meta ? { },
      ...
    }:
    pkgs.runCommand "${pname}-${version}"
      {
        inherit meta postInstall;
        nativeBuildInputs = [ pkgs.patchelf ];
        programs = map (package: part "programs/${package}") (packagesIn cargoBuildFlags);
        passthru = { inherit pname version; };
      }
      ''
        mkdir -p "$out/bin" "$out/lib"
        for program in $programs; do
          # Programs share libraries.
          cp -f "$program"/lib/* "$out/lib/"
          cp "$program"/bin/* "$out/bin/"
        done
        chmod u+w "$out"/*/*
        patchelf --set-interpreter "$out"/lib/ld-linux-*.so.* \
          --force-rpath --set-rpath "$out/lib" "$out"/bin/*
        eval "$postInstall"
      '';
}
