# Runs the test programs in $tests. They look for the sources, and for the programs of this workspace,
# where $tests/root and $tests/target say; there they find the packaged programs.
read -r root <"$tests/root"
read -r target <"$tests/target"
export TMPDIR=$NIX_BUILD_TOP/tmp
mkdir -p "$TMPDIR" "$NIX_BUILD_TOP/programs" "$root"
cp -r "$source"/. "$root"
chmod -R u+w "$root"
mkdir -p "$target/debug"
for program in "$gatos"/bin/*; do ln -sf "$program" "$target/debug/"; done
mkdir "$NIX_BUILD_TOP/bin"
ln -s "$bash_static" "$NIX_BUILD_TOP/bin/bash-static"
PATH=$PATH:$NIX_BUILD_TOP/bin
options=(--quiet)
for name in $skipped; do options+=(--skip "$name"); done

failed=0 count=0
while IFS=$'\t' read -r package folder name; do
  program=$NIX_BUILD_TOP/programs/$name
  cp "$tests/bin/$name" "$program"
  if [ -d "$tests/lib" ]; then
    chmod u+w "$program"
    patchelf --set-interpreter "$tests"/lib/ld-linux-*.so.* --force-rpath --set-rpath "$tests/lib" "$program"
  fi
  echo "--- $name"
  count=$((count + 1))
  (cd "$root/$folder" && CARGO_MANIFEST_DIR=$PWD CARGO_PKG_NAME=$package "$program" "${options[@]}") ||
    failed=$((failed + 1))
done <"$tests/table"
echo "$count test programs, $failed failed"
if [ "$failed" != 0 ]; then
  echo "repair: cargo test --workspace" >&2
  exit 1
fi
