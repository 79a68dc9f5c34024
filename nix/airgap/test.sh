# Runs the workspace's tests. $tests has the test programs, which look for the sources below /build
# and for the programs of this workspace in the folder that $tests/target names; there they find the
# packaged program, so it is the package that is tested.
if [ "$NIX_BUILD_TOP" != /build ]; then
  echo "the tests expect the sandbox's build folder to be /build, and it is $NIX_BUILD_TOP" >&2
  exit 1
fi
export HOME=/build/home TMPDIR=/build/tmp
read -r target <"$tests/target" || [ -n "$target" ]
mkdir -p "$HOME" "$TMPDIR" "$target/debug" /build/tests
cp -r "$src"/. /build/
chmod -R u+w /build
for program in "$out"/bin/*; do ln -sf "$program" "$target/debug/"; done

failed=0 count=0
while IFS=$'\t' read -r package folder name; do
  program=/build/tests/$name
  cp "$tests/bin/$name" "$program"
  chmod u+w "$program"
  patchelf --set-interpreter "$tests"/lib/ld-linux-*.so.* --force-rpath --set-rpath "$tests/lib" "$program"
  echo "--- $name"
  count=$((count + 1))
  (cd "/build/$folder" && CARGO_MANIFEST_DIR=$PWD CARGO_PKG_NAME=$package "$program" --quiet) ||
    failed=$((failed + 1))
done <"$tests/table"
echo "$count test programs, $failed failed"
[ "$failed" = 0 ] || { echo "repair: cargo test --workspace shows the same failures outside of the sandbox" >&2; exit 1; }
