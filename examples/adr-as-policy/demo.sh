#!/bin/sh
# A decision record that a server enforces, from its founding to the audit. Needs `gatos`, `git` and `ssh-keygen`.
# Everything happens in a folder of its own, which is removed at the end.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Nothing of whoever runs this is read or changed.
export HOME="$work/home" GIT_CONFIG_NOSYSTEM=1 NO_COLOR=1
export GIT_AUTHOR_NAME=alice GIT_AUTHOR_EMAIL=alice@example.org
export GIT_COMMITTER_NAME=alice GIT_COMMITTER_EMAIL=alice@example.org
# Over SSH, `gatos gate shell alice` says who pushes; here it is said so.
export GATOS_PUSHER=alice
ledger='refs/gatos/*:refs/gatos/*'

chapter() { printf '\n== %s\n' "$1"; }
# Show a command, and run it.
run() {
	printf '+ %s\n' "$*"
	"$@" 2>&1
}
# Show a command that must be refused, and what is said of it.
refused() {
	printf '+ %s\n' "$*"
	if "$@" > said 2>&1; then
		echo 'demo: this should have been refused' >&2
		exit 1
	fi
	sed -nE '/^(remote: gatos:| ! )/ s/ *$//p' said
}
key() {
	ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$2"
}

chapter 'The people: alice works, ada, bea and cyd maintain'
mkdir -p home/.ssh
key alice home/.ssh/id_ed25519
for name in ada bea cyd; do key "$name" "$name"; done
git init --quiet --initial-branch main project
cd project
gatos --quiet init --actor alice > ../repository
gatos trust show --toml > ../trust.toml
for name in ada bea cyd; do
	printf '\n[actors.%s]\ngroups = ["maintainers"]\nroles = ["append"]\nkeys = ["%s"]\n' \
		"$name" "$(cut -d ' ' -f 1,2 "../$name.pub")"
done >> ../trust.toml
cp -r "$here/adr" "$here/policy" .
mkdir api
echo '{"version": 1}' > api/v1.json
git add . && git commit --quiet --message 'The project, and its first decision'
git init --quiet --bare --initial-branch main ../server.git
git remote add origin ../server.git
git push --quiet origin main

chapter 'The decision becomes law: its rules are tested, agreed on, and put in force'
run gatos policy test policy
proposal=$(gatos --quiet proposal new 'Decision 1 is the law' --policy policy --trust ../trust.toml)
gatos --quiet approve "$proposal" > ../approval
grant=$(gatos --quiet grant new "$proposal")
run gatos policy activate "$grant" | head -2

chapter 'A server enforces it'
gatos --quiet gate install ../server.git > ../installed
git push --quiet origin "$ledger"
echo 'print("hello")' > hello.py
git add . && git commit --quiet --message 'A program'
run git push --quiet origin main
echo '(accepted: no file of the interface is in it)'

chapter 'A change of the interface is refused, and the refusal is kept'
echo '{"version": 2}' > api/v1.json
git commit --quiet --all --message 'Version 2'
refused git push origin main
git fetch --quiet origin 'refs/gatos/audit/*:refs/gatos/audit/*'
denial=$(sed -n 's/.*gatos policy explain \([0-9A-Z]*\).*/\1/p' said)
run gatos policy explain "$denial" | sed '/^what was judged/,$d'

chapter 'Two of three agree on that very change'
old=$(git rev-parse origin/main) new=$(git rev-parse main)
proposal=$(gatos --quiet proposal new 'Version 2' --update refs/heads/main --old "$old" --new "$new")
run gatos approve "$proposal" --key ../ada
git push --quiet origin "$ledger"
refused git push origin main
run gatos approve "$proposal" --key ../bea
run git push --quiet origin "$ledger" main
echo '(accepted, with the second approval in the same push)'

chapter 'What they agreed on is of no use for anything else'
echo '{"version": 3}' > api/v1.json
git commit --quiet --all --message 'Version 3'
refused git push origin main

chapter 'The law itself cannot be rewritten'
law=refs/gatos/policies/active
rewritten=$(git commit-tree "$law^{tree}" -p "$law~1" -m 'as if it had always been so')
refused git push --force origin "$rewritten:$law"
refused git push origin ":$law"

chapter 'The audit'
git fetch --quiet origin 'refs/gatos/audit/*:refs/gatos/audit/*'
run gatos policy denials
run gatos proposal show "$proposal"
run gatos verify --all | tail -1
