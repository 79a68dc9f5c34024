# Git, told where its own parts are: Debian's looks below /usr. Its few Perl commands are left out.
{ pkgs, unpack }:
let
  tree = unpack.tree "git";
in
pkgs.runCommand "git" { meta.mainProgram = "git"; } ''
  mkdir -p "$out/bin"
  for name in git git-receive-pack git-upload-archive git-upload-pack; do
    cat >"$out/bin/$name" <<END
  #!${pkgs.bash}/bin/bash
  export GIT_EXEC_PATH="\''${GIT_EXEC_PATH-${tree}/lib/git-core}"
  export GIT_TEMPLATE_DIR="\''${GIT_TEMPLATE_DIR-${tree}/share/git-core/templates}"
  exec ${tree}/bin/$name "\$@"
  END
    chmod +x "$out/bin/$name"
  done
''
