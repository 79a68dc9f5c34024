"""Describes the plants of each group: how many there are, and their mean height.

It starts in an empty folder with `inputs/` and `parameters.json`, and writes into the folder that
the environment variable `out` names. There is no network, and nothing else of the machine.
"""

import csv
import json
import os
from decimal import Decimal
from pathlib import Path


def read_heights(file):
    """Group -> list of heights. Decimal and not float: the same digits on every machine."""
    heights = {}
    with open(file, newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            heights.setdefault(row["group"], []).append(Decimal(row["height_cm"]))
    return heights


def describe(heights, digits):
    """One dictionary a group, in alphabetical order."""
    unit = Decimal(1).scaleb(-digits)
    for group in sorted(heights):
        values = heights[group]
        mean = (sum(values) / len(values)).quantize(unit)
        yield {"group": group, "plants": len(values), "mean_height_cm": str(mean)}


def main():
    parameters = json.loads(Path("parameters.json").read_text(encoding="utf-8"))
    groups = list(describe(read_heights("inputs/measurements"), parameters["digits"]))

    out = Path(os.environ["out"])
    out.mkdir()
    (out / "summary.json").write_text(json.dumps(groups, indent=2) + "\n", encoding="utf-8")

    # Each line becomes a signed event in the journal that experiment.nix names.
    with open(out / "events.jsonl", "w", encoding="utf-8") as lines:
        for group in groups:
            lines.write(json.dumps({"type": "group-described", "payload": group}) + "\n")


main()
