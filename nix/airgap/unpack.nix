# From Debian packages to store paths that run: every program gets the dynamic linker and the
# libraries of its own tree. The first builder is Debian's static busybox, so that nothing at all is
# needed from the host.
{ system, trees }:
let
  shell = "${trees.boot}/bin/busybox";

  build =
    name: attributes: script:
    derivation (
      attributes
      // {
        inherit name system;
        builder = shell;
        args = [ "sh" "-e" "-c" script ];
        boot = trees.boot;
      }
    );

  # One program of the boot tree that needs no library.
  static =
    name: script:
    build name { } ''
      $boot/bin/busybox mkdir -p $out/bin
      cd $out/bin
      ${script}
    '';
in
rec {
  bash = static "bash" ''
    $boot/bin/busybox cp $boot/bin/bash-static bash
    $boot/bin/busybox ln -s bash sh
  '';

  busybox = static "busybox" ''
    $boot/bin/busybox cp $boot/bin/busybox busybox
    for name in $(./busybox --list); do [ $name = busybox ] || ./busybox ln -s busybox $name; done
  '';

  # A whole tree, patched.
  tree =
    name:
    build "debian-${name}" {
      tree = trees.${name};
      script = builtins.path {
        name = "unpack.sh";
        path = ./unpack.sh;
      };
    } ". $script";

  # Links to some programs of a patched tree.
  select =
    pname: from: names:
    build pname { inherit from; } ''
      $boot/bin/busybox mkdir -p $out/bin
      cd $out/bin
      for name in ${toString names}; do
        [ -e $from/bin/$name ] || { echo "no program $name in $from/bin" >&2; exit 1; }
        $boot/bin/busybox ln -s $from/bin/$name $name
      done
    '';

  patchelf = select "patchelf" (tree "boot") [ "patchelf" ];
}
