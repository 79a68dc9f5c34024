# The build functions of nixpkgs that this project and its studies use, with the same meaning.
{
  lib,
  pkgs,
  system,
}:
let
  # What a build script finds on PATH, as far as nixpkgs' stdenv has it too.
  initialPath = [
    pkgs.coreutils
    pkgs.findutils
    pkgs.diffutils
    pkgs.gnused
    pkgs.gnugrep
    pkgs.gawk
    pkgs.gnutar
    pkgs.gzip
    pkgs.xz
    pkgs.bash
  ];

  # Attributes that describe a package and are not for its builder.
  described = [ "buildInputs" "meta" "nativeBuildInputs" "passthru" "version" ];
in
rec {
  runCommand =
    name: attributes: buildCommand:
    let
      given = {
        buildInputs = [ ];
        nativeBuildInputs = [ ];
        passthru = { };
        meta = { };
      } // attributes;
    in
    derivation (
      builtins.removeAttrs attributes described
      // {
        inherit name system buildCommand;
        builder = "${pkgs.bash}/bin/bash";
        args = [ "-e" "-u" "-o" "pipefail" "-c" ''. "$buildCommandPath"'' ];
        passAsFile = [ "buildCommand" ] ++ attributes.passAsFile or [ ];
        PATH = lib.makeBinPath (given.nativeBuildInputs ++ given.buildInputs ++ initialPath);
        SOURCE_DATE_EPOCH = "315532800";
      }
    )
    // given.passthru
    // {
      inherit (given) meta passthru;
    };
  runCommandLocal = runCommand;

  writeTextFile =
    {
      name,
      text,
      executable ? false,
      destination ? "",
      meta ? { },
    }:
    runCommand name
      {
        inherit meta text;
        passAsFile = [ "text" ];
      }
      ''
        file="$out${destination}"
        mkdir -p "$(dirname "$file")"
        cp "$textPath" "$file"
        chmod ${if executable then "+x" else "-x"} "$file"
      '';
  writeText = name: text: writeTextFile { inherit name text; };
  writeShellScript =
    name: text:
    writeTextFile {
      inherit name;
      executable = true;
      text = "#!${pkgs.bash}/bin/bash\n${text}\n";
    };
  writeShellScriptBin =
    name: text:
    writeTextFile {
      inherit name;
      executable = true;
      destination = "/bin/${name}";
      meta.mainProgram = name;
      text = "#!${pkgs.bash}/bin/bash\n${text}\n";
    };

  linkFarm =
    name: entries:
    let
      listed =
        if builtins.isList entries then
          entries
        else
          map (entry: {
            name = entry;
            path = entries.${entry};
          }) (builtins.attrNames entries);
    in
    runCommand name { } (
      ''
        mkdir -p "$out"
      ''
      + lib.concatMapStrings (entry: ''
        mkdir -p "$out/$(dirname ${lib.escapeShellArg entry.name})"
        ln -s ${lib.escapeShellArg "${entry.path}"} "$out/"${lib.escapeShellArg entry.name}
      '') listed
    );

  symlinkJoin =
    { name, paths, ... }:
    runCommand name { } ''
      mkdir -p "$out"
      for path in ${toString paths}; do cp -rs --no-preserve=mode "$path"/. "$out"; done
    '';

  # `nix develop` starts the builder, which must be bash, and takes over its environment.
  mkShell =
    {
      packages ? [ ],
      name ? "shell",
      ...
    }@given:
    runCommand name (
      builtins.removeAttrs given [ "name" "packages" ] // { nativeBuildInputs = packages; }
    ) "mkdir -p $out";
  mkShellNoCC = mkShell;
}
