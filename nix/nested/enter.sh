# Puts the store below $NIX_BUILD_TOP in the place of /nix and runs the script $1.
busybox mount -o bind "$NIX_BUILD_TOP/nix" /nix
export HOME=$NIX_BUILD_TOP/home NIX_CONF_DIR=/nix/etc
nix-store --register-validity </nix/closure
git config --global user.name "A Scientist"
git config --global user.email scientist@example.org
git config --global init.defaultBranch main
. "$1"
