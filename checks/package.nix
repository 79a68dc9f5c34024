# The package has what a user types and looks up: both names, the manual, completion for three shells.
{ gatos, pkgs, ... }:
pkgs.runCommand "package" { nativeBuildInputs = [ gatos ]; } ''
  repair() { echo "repair: see nix/packages.nix and \`git-gatos generate --help\`" >&2; }
  trap repair ERR
  set -E
  [ "$(gatos --version)" = "$(git-gatos --version)" ]
  share=${gatos}/share
  for file in man/man1/git-gatos.1 bash-completion/completions/gatos \
    fish/vendor_completions.d/gatos.fish zsh/site-functions/_gatos; do
    echo "$file"
    [ -s "$share/$file" ] || [ -s "$share/$file.gz" ]
  done
  bash -n "$share/bash-completion/completions/gatos"
  touch $out
''
