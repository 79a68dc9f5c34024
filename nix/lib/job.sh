# Runs a job inside the build sandbox: says how isolated it is, lays out its work directory, starts
# the command. Nothing here may print or write what differs from machine to machine, but the
# `gatos-isolation` line, which is about the machine and goes to the log only.
set -eu -o pipefail
shopt -s nullglob dotglob

json_list() {
  local separator='' word
  printf '['
  for word in "$@"; do
    printf '%s"%s"' "$separator" "${word//[^A-Za-z0-9._:\/@-]/?}"
    separator=','
  done
  printf ']'
}

host_paths() {
  local path
  for path in /etc/shadow /home /mnt /opt /root /srv /usr /var; do
    if [ -e "$path" ]; then printf '%s\n' "$path"; fi
  done
}

network() {
  local name
  if [ -r /proc/net/dev ]; then
    while IFS=: read -r name _; do
      case "$name" in *'|'*) ;; *) printf '%s\n' "${name//[[:space:]]/}" ;; esac
    done </proc/net/dev | sort
  fi
}

isolation() {
  local hostname='' paths interfaces store=("$NIX_STORE"/*)
  mapfile -t paths < <(host_paths)
  mapfile -t interfaces < <(network)
  if [ -r /proc/sys/kernel/hostname ]; then read -r hostname </proc/sys/kernel/hostname; fi
  printf 'gatos-isolation {"cores":%d,"host_paths":%s,"hostname":"%s","network":%s,"store_entries":%d,"uid":%d}\n' \
    "${NIX_BUILD_CORES:-0}" "$(json_list "${paths[@]}")" "${hostname//[^A-Za-z0-9.-]/?}" \
    "$(json_list "${interfaces[@]}")" "${#store[@]}" "$UID"
}

lay_out() {
  local link
  mkdir -p "$NIX_BUILD_TOP/work/inputs"
  cd "$NIX_BUILD_TOP/work"
  while IFS= read -r link; do
    if [ -n "$link" ]; then ln -s "${link#*=}" "${link%%=*}"; fi
  done <<<"$gatosLinks"
}

isolation >&2
lay_out
status=0
bash -e -u -o pipefail -c "$gatosCommand" || status=$?
if [ "$status" -ne 0 ]; then
  echo "gatos: the command of job \`$gatosName\` ended with exit code $status: $gatosCommand" >&2
  exit "$status"
fi
if [ ! -d "$out" ] || [ -L "$out" ]; then
  echo "gatos: job \`$gatosName\` must create the folder \$out and write its results into it" >&2
  exit 1
fi
