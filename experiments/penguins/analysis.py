"""Bill and body measures of Palmer penguins by species and sex, and what tells species apart.

Reads   inputs/penguins   the birds: CSV with `species`, `sex` and the four measures, NA if missing
        parameters.json   `permutations` (99 to 99999) and `seed` (0 to 2^63 - 1) of the tests
Writes  $out/summary.json, summary.csv, report.md, plot.svg, events.jsonl

Sums, comparisons and the random numbers are integers, means and deviations decimals of 50 digits:
no binary floating point takes part, so the results are the same bits on every machine.
"""

import csv
import json
import os
import sys
from decimal import ROUND_HALF_EVEN, Context, Decimal, setcontext

MEASURES = {  # the column's title, and the decimals with which it was measured
    "bill_length_mm": ("Bill length (mm)", 1),
    "bill_depth_mm": ("Bill depth (mm)", 1),
    "flipper_length_mm": ("Flipper length (mm)", 0),
    "body_mass_g": ("Body mass (g)", 0),
}
UNKNOWN = "unknown"  # the sex of a bird whose sex was not recorded
SEXES = ("female", "male", UNKNOWN)
TENTHS = 10  # measures are compared as whole numbers of tenths of their unit
# What is compared: a name, a measure, and the two groups as (species, sex or None for all birds).
TESTS = [
    ("species-bill-length", "bill_length_mm", ("Adelie", None), ("Chinstrap", None)),
    ("species-bill-depth", "bill_depth_mm", ("Adelie", None), ("Chinstrap", None)),
    ("species-flipper-length", "flipper_length_mm", ("Adelie", None), ("Chinstrap", None)),
    ("species-body-mass", "body_mass_g", ("Adelie", None), ("Chinstrap", None)),
    ("sexes-bill-length", "bill_length_mm", ("Adelie", "female"), ("Adelie", "male")),
]


def fail(message):
    sys.exit(f"analysis: {message}")


# ------------------------------------------------------------------------------------- reading


def read_birds(path):
    """Every bird as a map: species, sex, and each measure as an exact number or None."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            header = reader.fieldnames or []
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, ValueError, csv.Error) as error:
        fail(f"{path}: {error}")
    for column in ["species", "sex", *MEASURES]:
        if column not in header:
            fail(f"{path}: no column `{column}`; the header is `{','.join(header)}`")
    birds = []
    for number, row in rows:
        where = f"{path}, line {number}"
        bird = {name: number_of(row[name], name, where) for name in MEASURES}
        bird["species"] = row["species"]
        if not bird["species"].isalpha():
            fail(f"{where}: species is `{bird['species']}`, expected a name in letters")
        bird["sex"] = UNKNOWN if row["sex"] in ("", "NA") else row["sex"]
        if bird["sex"] not in SEXES:
            fail(f"{where}: sex is `{row['sex']}`, expected female, male or NA")
        birds.append(bird)
    return birds


def number_of(text, name, where):
    """A measure in tenths of its unit, or None where it is missing."""
    if text in ("", "NA"):
        return None
    try:
        tenths = Decimal(text) * TENTHS
    except (ArithmeticError, TypeError):
        tenths = Decimal("NaN")
    if not tenths.is_finite() or tenths <= 0 or tenths != int(tenths):
        fail(f"{where}: {name} is `{text}`, expected a number above 0 with one decimal, or NA")
    return int(tenths)


def read_parameters(path, legal):
    """Whole numbers by name; `legal` gives the range of each."""
    try:
        with open(path, encoding="utf-8") as file:
            parameters = json.load(file)
    except (OSError, ValueError) as error:
        fail(f"{path}: {error}")
    if not isinstance(parameters, dict) or sorted(parameters) != sorted(legal):
        fail(f"{path}: expected exactly the parameters {', '.join(sorted(legal))}")
    for name, (low, high) in legal.items():
        if type(parameters[name]) is not int or not low <= parameters[name] <= high:
            value = parameters[name]
            fail(f"{path}: {name} is `{value}`, expected a whole number from {low} to {high}")
    return parameters


# ------------------------------------------------------------------------------------- statistics


def select(birds, species, sex):
    """The birds of a species and a sex; all of the species where sex is None."""
    return [b for b in birds if b["species"] == species and sex in (None, b["sex"])]


def values_of(birds, measure):
    return [bird[measure] for bird in birds if bird[measure] is not None]


def describe(birds, measure):
    """Number, missing, mean, standard deviation (n - 1), smallest and largest."""
    values = values_of(birds, measure)
    n, total = len(values), sum(values)
    result = {"n": n, "missing": len(birds) - n, "mean": None, "sd": None, "min": None, "max": None}
    if n > 0:
        result["mean"] = shown(Decimal(total) / (n * TENTHS))
        decimals = MEASURES[measure][1]
        result["min"] = shown(Decimal(min(values)) / TENTHS, decimals)
        result["max"] = shown(Decimal(max(values)) / TENTHS, decimals)
    if n > 1:
        squares = n * sum(x * x for x in values) - total * total
        result["sd"] = shown((Decimal(squares) / (n * (n - 1) * TENTHS**2)).sqrt())
    return result


def describe_groups(birds):
    """Every species as a whole (sex `all`) and by sex."""
    groups = []
    for species in sorted({bird["species"] for bird in birds}):
        for label, sex in [("all", None)] + [(sex, sex) for sex in SEXES]:
            members = select(birds, species, sex)
            if members:
                measures = {name: describe(members, name) for name in MEASURES}
                groups.append(
                    {"species": species, "sex": label, "birds": len(members), "measures": measures}
                )
    return groups


class SplitMix64:
    """The generator of Steele, Lea and Flood (2014): 64 bits of state, whole numbers only."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        return z ^ (z >> 31)

    def below(self, bound):
        """A number from 0 to bound - 1, each exactly as likely as the others."""
        end = (1 << 64) - (1 << 64) % bound
        while True:
            number = self.next()
            if number < end:
                return number % bound


def permutation_test(first, second, permutations, seed):
    """Two-sided test that the labels of two groups do not matter to the difference of their means.

    The statistic is the difference of means times both sizes, so a whole number, and ties are
    exact. Returns how many of the random relabellings differ at least as much as the data.
    """
    pool, chosen = second + first, len(second)
    size, total, random = len(pool), sum(pool), SplitMix64(seed)
    observed = abs(size * sum(second) - chosen * total)
    extreme = 0
    for _ in range(permutations):
        drawn = 0
        for i in range(chosen):
            k = i + random.below(size - i)
            pool[i], pool[k] = pool[k], pool[i]
            drawn += pool[i]
        extreme += abs(size * drawn - chosen * total) >= observed
    return extreme


def run_test(birds, test, permutations, seed):
    name, measure, first, second = test
    values = [values_of(select(birds, *group), measure) for group in (first, second)]
    if not all(values):
        fail(f"test {name}: no bird of {group_name(first)} or {group_name(second)} was measured")
    means = [Decimal(sum(group)) / (len(group) * TENTHS) for group in values]
    extreme = permutation_test(*values, permutations, seed)
    return {
        "name": name,
        "measure": measure,
        "first": group_name(first),
        "second": group_name(second),
        "first_n": len(values[0]),
        "second_n": len(values[1]),
        "difference": shown(means[1] - means[0]),
        "extreme": extreme,
        "permutations": permutations,
        "seed": seed,
        # Davison and Hinkley (1997): the data are one of the relabellings.
        "p": shown(Decimal(extreme + 1) / (permutations + 1), 6),
    }


def group_name(group):
    species, sex = group
    return f"{species} {sex}" if sex else species


# ------------------------------------------------------------------------------------- text


def shown(value, places=3):
    """Rounded half to even, never a negative zero."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN) + 0


def json_text(value, indent=None, margin="\n"):
    """JSON with every digit of a decimal; `json.dumps` would go through binary floating point."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if not isinstance(value, (dict, list)):
        return json.dumps(value)
    inner = margin if indent is None else margin + " " * indent
    if isinstance(value, dict):
        start, end = "{}"
        items = [f"{json.dumps(k)}: {json_text(v, indent, inner)}" for k, v in value.items()]
    else:
        start, end = "[]"
        items = [json_text(item, indent, inner) for item in value]
    if indent is None or not items:
        return start + ", ".join(items) + end
    return start + inner + ("," + inner).join(items) + margin + end


def summary_csv(groups):
    lines = ["species,sex,measure,n,missing,mean,sd,min,max"]
    for group in groups:
        for measure, numbers in group["measures"].items():
            cells = [group["species"], group["sex"], measure, *numbers.values()]
            lines.append(",".join("" if cell is None else str(cell) for cell in cells))
    return "\n".join(lines) + "\n"


def report(summary):
    """The results as a page that a person reads."""
    lines = ["# Palmer penguins", ""]
    lines.append(f"{summary['birds']} birds. Missing: " + ", ".join(
        f"{name} {count}" for name, count in summary["missing"].items()) + ".")
    for measure, (title, _) in MEASURES.items():
        lines += ["", f"## {title}", "", "| species | sex | n | mean | sd | min | max |"]
        lines.append("|---|---|--:|--:|--:|--:|--:|")
        for group in summary["groups"]:
            numbers = group["measures"][measure]
            cells = [group["species"], group["sex"], numbers["n"]]
            rest = [numbers[name] for name in ("mean", "sd", "min", "max")]
            cells += ["" if number is None else number for number in rest]
            lines.append("| " + " | ".join(map(str, cells)) + " |")
    lines += ["", "## Permutation tests of a difference in means", ""]
    lines += ["| measure | groups (n) | difference | p |", "|---|---|--:|--:|"]
    for test in summary["tests"]:
        groups = f"{test['second']} ({test['second_n']}) less {test['first']} ({test['first_n']})"
        lines.append(f"| {test['measure']} | {groups} | {test['difference']} | {test['p']} |")
    test = summary["tests"][0]
    lines += ["", f"Two-sided; seed {test['seed']}, {test['permutations']} random relabellings;"]
    lines += ["p = (as extreme + 1) / (relabellings + 1)."]
    return "\n".join(lines) + "\n"


# ------------------------------------------------------------------------------------- the figure

INK = "#1a1a1a"
COLOURS = ["#e07b00", "#8a3fc0", "#00797a"]  # of the species in alphabetical order


class Panel:
    """A rectangle of the figure with axes; `x` and `y` turn data into positions."""

    def __init__(self, box, across, up):
        self.left, self.top, self.width, self.height = box
        self.across, self.up = across, up

    def x(self, value):
        low, high = self.across
        return place(self.left + Decimal(value - low) * self.width / (high - low))

    def y(self, value):
        low, high = self.up
        return place(self.top + Decimal(high - value) * self.height / (high - low))

    def axes(self, letter, title, up):
        base, right = self.top + self.height, self.left + self.width
        yield f'<path d="M{self.left} {self.top}V{base}H{right}" stroke="{INK}" fill="none"/>'
        bold = f'<tspan font-weight="bold">{letter}</tspan>'
        text = f'{bold}<tspan dx="6">{title}</tspan>'
        yield f'<text x="{self.left}" y="{self.top - 12}">{text}</text>'
        x, y = self.left - 44, self.top + self.height // 2
        turn = f'transform="rotate(-90 {x} {y})" text-anchor="middle"'
        yield f'<text x="{x}" y="{y}" {turn}>{up}</text>'

    def ticks_up(self, values):
        for value in values:
            y = self.y(value)
            yield f'<path d="M{self.left - 5} {y}h5" stroke="{INK}"/>'
            x = self.left - 8
            yield f'<text x="{x}" y="{y}" dy="4" text-anchor="end">{value // TENTHS}</text>'

    def names_across(self, names, drop=18):
        for value, name in names:
            y = self.top + self.height + drop
            yield f'<text x="{self.x(value)}" y="{y}" text-anchor="middle">{name}</text>'


def place(value):
    return format(shown(value, 2).normalize() + 0, "f")


def dot(x, y, colour, sex):
    """Filled for males, hollow for females, a cross where the sex is unknown."""
    if sex == UNKNOWN:
        return f'<path d="M{x} {y}m-2.5 -2.5l5 5m0 -5l-5 5" stroke="{colour}" stroke-width="1.2"/>'
    fill = colour if sex == "male" else "#ffffff"
    opacity = "0.75" if sex == "male" else "1"
    return (
        f'<circle cx="{x}" cy="{y}" r="2.8" fill="{fill}" fill-opacity="{opacity}" '
        f'stroke="{colour}" stroke-width="1.2"/>'
    )


def around(values, step):
    """The multiples of `step` just around all values."""
    return min(values) // step * step, -(-max(values) // step) * step


def draw_bills(birds, colours):
    known = [b for b in birds if None not in (b["bill_length_mm"], b["bill_depth_mm"])]
    across = around([b["bill_length_mm"] for b in known], 50)
    up = around([b["bill_depth_mm"] for b in known], 20)
    panel = Panel((64, 44, 320, 300), across, up)
    yield from panel.axes("a", "Bills", "bill depth (mm)")
    yield from panel.ticks_up(range(up[0], up[1] + 1, 20))
    marks = range(across[0], across[1] + 1, 50)
    for mark in marks:
        yield f'<path d="M{panel.x(mark)} {panel.top + panel.height}v5" stroke="{INK}"/>'
    yield from panel.names_across([(mark, mark // TENTHS) for mark in marks])
    yield from panel.names_across([(sum(across) // 2, "bill length (mm)")], 36)
    for bird in known:
        x, y = panel.x(bird["bill_length_mm"]), panel.y(bird["bill_depth_mm"])
        yield dot(x, y, colours[bird["species"]], bird["sex"])


def draw_masses(birds, colours):
    """Body mass by species and sex: every bird, and the mean with one standard deviation."""
    known = [b for b in birds if b["body_mass_g"] is not None]
    up = around([b["body_mass_g"] for b in known], 5000)
    panel = Panel((460, 44, 300, 300), (0, 2 * len(colours)), up)
    yield from panel.axes("b", "Body mass, with mean \u00b1 sd", "body mass (g)")
    yield from panel.ticks_up(range(up[0], up[1] + 1, 5000))
    column = Decimal("0.5")
    for species, colour in colours.items():
        for sex in ("female", "male"):
            values = sorted(values_of(select(known, species, sex), "body_mass_g"))
            for k, value in enumerate(values):  # spread sideways in a fixed pattern
                offset = Decimal((k * 7) % 11 - 5) / 20 - Decimal("0.1")
                yield dot(panel.x(column + offset), panel.y(value), colour, sex)
            if len(values) > 1:
                numbers = describe(select(known, species, sex), "body_mass_g")
                mean, sd = numbers["mean"] * TENTHS, numbers["sd"] * TENTHS
                x = panel.x(column + Decimal("0.34"))
                yield (f'<path d="M{x} {panel.y(mean - sd)}V{panel.y(mean + sd)}" stroke="{INK}" '
                       'stroke-width="1.4"/>')
                yield f'<circle cx="{x}" cy="{panel.y(mean)}" r="3.4" fill="{INK}"/>'
            yield from panel.names_across([(column, sex)])
            column += 1
        yield from panel.names_across([(column - Decimal("1.5"), species)], 36)


def legend(colours, x, y):
    for k, (species, colour) in enumerate(colours.items()):
        yield dot(x + 110 * k, y - 4, colour, "male")
        yield f'<text x="{x + 10 + 110 * k}" y="{y}">{species}</text>'
    for k, sex in enumerate(SEXES):
        yield dot(x + 366 + 90 * k, y - 4, INK, sex)
        yield f'<text x="{x + 376 + 90 * k}" y="{y}">{sex}{" sex" * (sex == UNKNOWN)}</text>'


def draw(birds):
    species = sorted({bird["species"] for bird in birds})
    colours = {name: COLOURS[k % len(COLOURS)] for k, name in enumerate(species)}
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="780" height="430" viewBox="0 0 780 430" '
        f'font-family="Helvetica, Arial, sans-serif" font-size="12" fill="{INK}">',
        "<title>Bills and body mass of Palmer penguins by species and sex</title>",
        '<rect width="780" height="430" fill="#ffffff"/>',
        *draw_bills(birds, colours),
        *draw_masses(birds, colours),
        *legend(colours, 70, 414),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


# ------------------------------------------------------------------------------------- the whole


def main():
    setcontext(Context(prec=50, rounding=ROUND_HALF_EVEN))
    legal = {"permutations": (99, 99999), "seed": (0, 2**63 - 1)}
    parameters = read_parameters("parameters.json", legal)
    birds = read_birds("inputs/penguins")
    out = os.environ.get("out") or fail("the environment variable `out` names no folder")
    missing = {name: sum(bird[name] is None for bird in birds) for name in MEASURES}
    missing["sex"] = sum(bird["sex"] == UNKNOWN for bird in birds)
    summary = {
        "birds": len(birds),
        "missing": missing,
        "groups": describe_groups(birds),
        "tests": [
            run_test(birds, test, parameters["permutations"], parameters["seed"]) for test in TESTS
        ],
    }
    events = [{"type": "birds-counted", "payload": {"birds": len(birds), "missing": missing}}]
    events += [{"type": "group-described", "payload": group} for group in summary["groups"]]
    events += [{"type": "permutation-test", "payload": test} for test in summary["tests"]]
    files = {
        "summary.json": json_text(summary, 2) + "\n",
        "summary.csv": summary_csv(summary["groups"]),
        "report.md": report(summary),
        "plot.svg": draw(birds),
        "events.jsonl": "".join(json_text(event) + "\n" for event in events),
    }
    os.makedirs(out, exist_ok=True)
    for name, text in files.items():
        with open(os.path.join(out, name), "w", encoding="utf-8", newline="\n") as file:
            file.write(text)


if __name__ == "__main__":
    main()
