"""Reading what the job was given; whatever is wrong with it ends the program with a message."""

import csv
import datetime
import json
import sys
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext


def fail(message):
    sys.exit(f"analysis: {message}")


def read_measurements(path):
    """The weeks in order, as (date, ppm or None)."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            header = reader.fieldnames or []
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, ValueError, csv.Error) as error:
        fail(f"{path}: {error}")
    if header != ["date", "co2"]:
        fail(f"{path}: the header is `{','.join(header)}`, expected date,co2")
    weeks = []
    for number, row in rows:
        where = f"{path}, line {number}"
        date, ppm = date_of(row["date"], where), ppm_of(row["co2"], where)
        if weeks and date <= weeks[-1][0]:
            fail(f"{where}: {date} does not come after {weeks[-1][0]}")
        weeks.append((date, ppm))
    return weeks


def date_of(text, where):
    """YYYYMMDD as a date."""
    if len(text) == 8 and text.isascii() and text.isdigit():
        try:
            return datetime.date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            pass
    fail(f"{where}: date is `{text}`, expected YYYYMMDD")


def ppm_of(text, where):
    """A measurement, or None where there is none."""
    if text in ("", "NA"):
        return None
    try:
        ppm = Decimal(text)
    except (ArithmeticError, TypeError):
        ppm = Decimal("NaN")
    if not ppm.is_finite():
        fail(f"{where}: co2 is `{text}`, expected a number, NA or nothing")
    return ppm


def read_json(path):
    """JSON with exact numbers."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file, parse_float=Decimal, parse_int=Decimal)
    except (OSError, ValueError) as error:
        fail(f"{path}: {error}")


def read_parameters(path, legal):
    """Whole numbers by name; `legal` gives the range of each."""
    parameters = read_json(path)
    if not isinstance(parameters, dict) or sorted(parameters) != sorted(legal):
        fail(f"{path}: expected exactly the parameters {', '.join(sorted(legal))}")
    for name, (low, high) in legal.items():
        value = parameters[name]
        if not isinstance(value, Decimal) or value != int(value) or not low <= value <= high:
            fail(f"{path}: {name} is `{value}`, expected a whole number from {low} to {high}")
    return {name: int(parameters[name]) for name in legal}


def check_state(state, weeks):
    """The years of the proved state, once the raw file tells the same counts, sums and means."""
    raw = {}
    for date, ppm in weeks:
        year = raw.setdefault(str(date.year), {"n": 0, "missing": 0, "sum": Decimal(0)})
        year["missing" if ppm is None else "n"] += 1
        year["sum"] += ppm or 0
    with localcontext(Context(prec=28, rounding=ROUND_HALF_EVEN)):  # as a fold computes
        for year in raw.values():
            if year["n"]:
                year["mean"] = year["sum"] / year["n"]
    proved = state.get("years") if isinstance(state, dict) else None
    if not isinstance(proved, dict):
        fail("inputs/yearly.json has no map `years`: is it a state of yearly.lua?")
    for name in sorted(raw | proved):
        if proved.get(name) != raw.get(name):
            fail(
                f"{name} is {tell(proved.get(name))} in inputs/yearly.json, but "
                f"{tell(raw.get(name))} in inputs/co2: has all of that file been imported?"
            )
    return raw


def tell(year):
    if not isinstance(year, dict):
        return "absent"
    return "(" + ", ".join(f"{key} {year[key]}" for key in sorted(year)) + ")"
