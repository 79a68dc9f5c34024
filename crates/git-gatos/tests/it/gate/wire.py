"""A client that says to a server what it is told to, true or not.

    wire.py SERVER [--pack FILE] OLD NEW REF [OLD NEW REF]...

Speaks to `git receive-pack` directly, or over the line that `~/ssh/line` says, without looking at what the
server has. The pack holds all that is in
the history of the new values (or what FILE holds). Prints what the server reports; the exit code is 0 if
every ref is `ok`.
"""

import os
import shlex
import subprocess
import sys


def packet(data):
    return b"%04x" % (len(data) + 4) + data


def read(stream):
    size = int(stream.read(4) or b"0", 16)
    return stream.read(size - 4) if size else None


arguments = sys.argv[1:]
server = arguments.pop(0)
pack = None
if arguments[0] == "--pack":
    pack = open(arguments[1], "rb").read()
    arguments = arguments[2:]
updates = [arguments[at : at + 3] for at in range(0, len(arguments), 3)]
zero = "0" * 40
if pack is None and any(new != zero for _, new, _ in updates):
    wanted = "".join(new + "\n" for _, new, _ in updates if new != zero)
    pack = subprocess.run(
        ["git", "pack-objects", "--quiet", "--revs", "--stdout"],
        input=wanted.encode(),
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
command = ["git", "receive-pack", server]
line = os.path.expanduser("~/ssh/line")
if os.path.exists(line):
    there = "git-receive-pack " + shlex.quote(os.path.abspath(server))
    command = [*open(line).read().split(), there]
git = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
while read(git.stdout) is not None:
    pass
said = b""
for old, new, name in updates:
    line = f"{old} {new} ".encode() + name.encode("utf-8", "surrogateescape")
    said += packet(line if said else line + b"\0 report-status")
try:
    git.stdin.write(said + b"0000" + (pack or b""))
    git.stdin.close()
except BrokenPipeError:
    pass
report = []
while (line := read(git.stdout)) is not None:
    report.append(line.decode("utf-8", "replace").rstrip("\n"))
git.wait()
print("\n".join(report))
sound = "unpack ok" in report and sum(line.startswith("ok ") for line in report) == len(updates)
sys.exit(0 if sound else 1)
