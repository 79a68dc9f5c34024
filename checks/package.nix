# The package has what a user types and looks up: both names, the manual, completion for three shells.
{ gatos, pkgs, ... }:
pkgs.runCommand "package" { nativeBuildInputs = [ gatos ]; } ''
  repair() { echo "repair: see nix/packages.nix and \`git-gatos generate --help\`" >&2; }
  trap repair ERR
  set -E
  [ "$(gatos --version)" = "$(git-gatos --version)" ]
  [ "$(gatosd --version)" = "gatosd $(gatos --version | cut -d' ' -f2)" ]
  share=${gatos}/share
  for file in man/man1/git-gatos.1 bash-completion/completions/gatos \
    fish/vendor_completions.d/gatos.fish zsh/site-functions/_gatos \
    man/man8/gatosd.8 man/man8/gatosd-run.8 bash-completion/completions/gatosd \
    fish/vendor_completions.d/gatosd.fish zsh/site-functions/_gatosd; do
    echo "$file"
    [ -s "$share/$file" ] || [ -s "$share/$file.gz" ]
  done
  bash -n "$share/bash-completion/completions/gatos"
  touch $out
''
