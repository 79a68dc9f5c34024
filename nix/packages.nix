# The programs of this workspace, with man pages and completion. With nixpkgs they are built from
# source; the air-gapped set's `buildRustPackage` takes what cargo built on this machine.
{ pkgs }:
let
  manifest = builtins.fromTOML (builtins.readFile ../Cargo.toml);
in
pkgs.rustPlatform.buildRustPackage {
  pname = "gatos";
  inherit (manifest.workspace.package) version;
  src = import ./source.nix "gatos-source" [
    ".cargo"
    "Cargo.lock"
    "Cargo.toml"
    "crates"
    "templates"
  ];
  cargoLock.lockFile = ../Cargo.lock;
  cargoBuildFlags = [
    "--package=git-gatos"
    "--package=gatosd"
  ];

  # checks/tests.nix runs the tests.
  doCheck = false;

  postInstall = ''
    ln -s git-gatos "$out/bin/gatos"
    mkdir -p "$out/share/man/man1" "$out/share/man/man8" "$out/share/bash-completion/completions" \
      "$out/share/fish/vendor_completions.d" "$out/share/zsh/site-functions"
    "$out/bin/git-gatos" generate man "$out/share/man/man1"
    # One script completes `gatos`, `git-gatos` and `git gatos`; shells look for it by name.
    "$out/bin/gatos" generate completion bash >"$out/share/bash-completion/completions/gatos"
    ln -s gatos "$out/share/bash-completion/completions/git-gatos"
    "$out/bin/gatos" generate completion fish >"$out/share/fish/vendor_completions.d/gatos.fish"
    ln -s gatos.fish "$out/share/fish/vendor_completions.d/git-gatos.fish"
    "$out/bin/gatos" generate completion zsh >"$out/share/zsh/site-functions/_gatos"
    "$out/bin/gatosd" generate man "$out/share/man/man8"
    "$out/bin/gatosd" generate completion bash >"$out/share/bash-completion/completions/gatosd"
    "$out/bin/gatosd" generate completion fish >"$out/share/fish/vendor_completions.d/gatosd.fish"
    "$out/bin/gatosd" generate completion zsh >"$out/share/zsh/site-functions/_gatosd"
  '';

  meta = {
    description = "Git As The Operating Surface: a truth machine for science";
    homepage = manifest.workspace.package.repository;
    license = pkgs.lib.licenses.asl20;
    mainProgram = "gatos";
  };
}
