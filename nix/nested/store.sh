# Makes a store in /build/nix from the closure in file $1 (path, deriver, count, references …), and
# the configuration of a Nix that uses it. The sandbox's own store is read-only and has no database.
mkdir -p "$NIX_BUILD_TOP"/nix/store "$NIX_BUILD_TOP"/nix/etc "$NIX_BUILD_TOP"/home
for path in $(sed -n '/^\/nix\/store\//p' "$1" | sort -u); do
  cp -r --no-preserve=ownership,timestamps "$path" "$NIX_BUILD_TOP/nix/store/"
done
cp "$1" "$NIX_BUILD_TOP/nix/closure"
cat >"$NIX_BUILD_TOP/nix/etc/nix.conf" <<'END'
experimental-features = nix-command flakes
build-users-group =
sandbox = true
sandbox-fallback = false
require-drop-supplementary-groups = false
sandbox-paths =
substituters =
flake-registry =
END
