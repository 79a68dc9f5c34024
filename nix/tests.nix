# The test programs of the workspace: `bin/`, and in `table` a line `package folder program` for each.
# `root` and `target` say where they look for the sources and for the programs of the workspace.
{ pkgs }:
pkgs.cargo-built-tests or (pkgs.rustPlatform.buildRustPackage {
  pname = "gatos-tests";
  version = "0";
  src = import ./source.nix "gatos-source" [
    ".cargo"
    "Cargo.lock"
    "Cargo.toml"
    "crates"
    "templates"
  ];
  cargoLock.lockFile = ../Cargo.lock;
  nativeBuildInputs = [ pkgs.jq ];
  buildPhase = ''
    cargo test --workspace --no-run --offline --locked --message-format=json >messages
  '';
  installPhase = ''
    mkdir -p "$out/bin"
    pwd >"$out/root"
    echo "$PWD/target" >"$out/target"
    jq -r 'select(.profile.test and .executable)
      | [ (.manifest_path | split("/")[-2]), .target.kind[0], .target.name, .executable ] | @tsv' messages |
      while IFS=$'\t' read -r package kind name executable; do
        cp "$executable" "$out/bin/$package-$kind-$name"
        printf '%s\tcrates/%s\t%s\n' "$package" "$package" "$package-$kind-$name" >>"$out/table"
      done
  '';
  doCheck = false;
})
