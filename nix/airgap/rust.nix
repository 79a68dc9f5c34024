# `rustPlatform.buildRustPackage` on a machine that has no Rust in its store: takes the programs
# that cargo built on this machine (`cargo xtask nix` passes them as input `cargo-built`) and does
# with them what nixpkgs does after building. With `doCheck` it runs the workspace's tests, built by
# the same cargo, here in the sandbox.
{
  cargo-built,
  lib,
  pkgs,
}:
let
  part =
    name:
    if builtins.pathExists (cargo-built + "/${name}") then
      builtins.path {
        name = "cargo-built-${name}";
        path = cargo-built + "/${name}";
      }
    else
      throw "the air-gapped package set was given no ${name} built by cargo; run nix through `cargo xtask nix …`, which builds and passes them";
in
{
  buildRustPackage =
    {
      pname,
      version,
      src,
      postInstall ? "",
      doCheck ? false,
      nativeCheckInputs ? [ ],
      meta ? { },
      ...
    }:
    pkgs.runCommand "${pname}-${version}"
      {
        inherit meta postInstall;
        nativeBuildInputs = [ pkgs.patchelf ] ++ lib.optionals doCheck nativeCheckInputs;
        programs = part "programs";
        passthru = { inherit pname version; };
      }
      (
        ''
          mkdir -p "$out/bin" "$out/lib"
          cp "$programs"/lib/* "$out/lib/"
          cp "$programs"/bin/* "$out/bin/"
          chmod u+w "$out"/*/*
          patchelf --set-interpreter "$out"/lib/ld-linux-*.so.* \
            --force-rpath --set-rpath "$out/lib" "$out"/bin/*
          eval "$postInstall"
        ''
        + lib.optionalString doCheck ''
          tests=${part "tests"} src=${src} programs_out=$out
          . ${./test.sh}
        ''
      );
}
