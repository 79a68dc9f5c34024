# A small package set with nixpkgs' attribute names and meaning, for machines that cannot reach
# nixpkgs. It is made of Debian packages (trees.json), unpacked into the store and patched to run
# from there, so nothing of the host is in the sandbox. `cargo xtask nix` makes the trees and passes
# this set as `--override-input nixpkgs`.
{
  # Name → a folder of unpacked Debian packages with `bin`, `lib` and `share`.
  trees,
  # What cargo built on this machine; an empty folder when nothing was asked for.
  cargo-built,
  system,
}:
let
  lib = import ./lib.nix;
  unpack = import ./unpack.nix { inherit system trees; };
  builders = import ./builders.nix { inherit lib pkgs system; };

  rust = import ./rust.nix { inherit cargo-built lib pkgs; };

  # The named programs of the tree `tools`, so that a package brings what its name says, no more.
  tool = pname: names: unpack.select pname (unpack.tree "tools") names;

  pkgs = builders // {
    inherit lib system;
    stdenv.hostPlatform = {
      inherit system;
      isLinux = true;
      isDarwin = false;
    };

    # As `path` is the source of nixpkgs; with the trees, it is all that an evaluation takes.
    path = ./.;
    sources = builtins.attrValues trees ++ [
      cargo-built
      # What the lock of the set names in its place: a folder without anything.
      (builtins.path {
        name = "source";
        path = ./.;
        filter = _: _: false;
      })
    ];

    bash = unpack.bash;
    bashInteractive = pkgs.bash;
    busybox = unpack.busybox;
    pkgsStatic = { inherit (pkgs) bash busybox; };
    coreutils = unpack.tree "coreutils";
    diffutils = tool "diffutils" [ "cmp" "diff" "diff3" "sdiff" ];
    findutils = tool "findutils" [ "find" "xargs" ];
    gawk = tool "gawk" [ "awk" "gawk" ];
    git = import ./git.nix { inherit pkgs unpack; };
    gnugrep = tool "gnugrep" [ "egrep" "fgrep" "grep" ];
    gnused = tool "gnused" [ "sed" ];
    gnutar = tool "gnutar" [ "tar" ];
    gzip = tool "gzip" [ "gunzip" "gzip" "zcat" ];
    nix = unpack.select "nix" (unpack.tree "nix") [
      "nix"
      "nix-build"
      "nix-hash"
      "nix-instantiate"
      "nix-store"
    ];
    openssh = unpack.select "openssh" (unpack.tree "openssh") [
      "ssh"
      "ssh-add"
      "ssh-agent"
      "ssh-keygen"
    ];
    patchelf = unpack.patchelf;
    python3 = import ./python.nix { inherit lib unpack; };
    xz = tool "xz" [ "unxz" "xz" "xzcat" ];

    rustPlatform = rust.platform;
    cargo-built-tests = rust.tests;
  };
in
pkgs
