# Copies $tree to $out and makes its programs start from there. Run by busybox's sh; $boot has the
# tools. DT_RPATH and not RUNPATH is set, and on the programs only: it then also holds for what
# their libraries and modules need.
for applet in chmod cp find ln mkdir od; do
  eval "$applet() { \$boot/bin/busybox $applet \"\$@\"; }"
done

libraries=lib/x86_64-linux-gnu
[ -d "$tree/$libraries" ] || libraries=lib/aarch64-linux-gnu
for linker in "$boot/$libraries"/ld-linux-*.so.*; do :; done
patchelf() { "$linker" --library-path "$boot/$libraries" "$boot/bin/patchelf" "$@"; }
is_elf() { [ "$(od -A n -t x1 -N 4 "$1")" = " 7f 45 4c 46" ]; }

cp -r "$tree" "$out"
chmod -R u+w "$out"
if [ -e "$out/bin/gawk" ]; then ln -s gawk "$out/bin/awk"; fi

find "$out/bin" "$out/lib" -type f -perm -100 ! -name '*.so' ! -name '*.so.*' |
  while read -r file; do
    if is_elf "$file" && interpreter=$(patchelf --print-interpreter "$file" 2>/dev/null); then
      patchelf --set-interpreter "$out/$libraries/${interpreter##*/}" \
        --force-rpath --set-rpath "$out/$libraries:$out/lib" "$file"
    fi
  done
