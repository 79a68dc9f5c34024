"""The figure: the record, the seasonal cycle and the yearly differences, as SVG."""

from decimal import Decimal

from model import EPOCH, time_of
from text import shown

INK, FAINT, BLUE, RED = "#1a1a1a", "#9aa5b1", "#1f5fa8", "#c0392b"


class Panel:
    """A rectangle of the figure with axes; `x` and `y` turn data into positions."""

    def __init__(self, box, across, up):
        self.left, self.top, self.width, self.height = box
        self.across, self.up = across, up

    def x(self, value):
        low, high = self.across
        return self.left + (Decimal(value) - low) * self.width / (high - low)

    def y(self, value):
        low, high = self.up
        return self.top + (high - Decimal(value)) * self.height / (high - low)

    def frame(self, letter, title):
        x, y = self.left, self.top + self.height
        return [
            f'<path d="M{x} {self.top}V{y}H{x + self.width}" stroke="{INK}" fill="none"/>',
            f'<text x="{x}" y="{self.top - 10}"><tspan font-weight="bold">{letter}</tspan>'
            f'<tspan dx="6">{title}</tspan></text>',
        ]

    def label_up(self, text):
        x, y = self.left - 38, self.top + self.height // 2
        return [
            f'<text x="{x}" y="{y}" transform="rotate(-90 {x} {y})" '
            f'text-anchor="middle">{text}</text>'
        ]

    def label_across(self, text):
        x, y = self.left + self.width // 2, self.top + self.height + 34
        return [f'<text x="{x}" y="{y}" text-anchor="middle">{text}</text>']

    def ticks_up(self, values):
        parts = []
        for value in values:
            y = place(self.y(value))
            parts.append(f'<path d="M{self.left - 5} {y}h5" stroke="{INK}"/>')
            parts.append(
                f'<text x="{self.left - 8}" y="{y}" dy="4" text-anchor="end">{signed(value)}</text>'
            )
        return parts

    def ticks_across(self, marks):
        y = self.top + self.height
        return [f'<path d="M{place(self.x(value))} {y}v5" stroke="{INK}"/>' for value in marks]

    def names_across(self, names):
        y = self.top + self.height + 18
        return [
            f'<text x="{place(self.x(value))}" y="{y}" text-anchor="middle">{name}</text>'
            for value, name in names
        ]

    def dots(self, points, colour, size):
        path = "".join(f"M{place(self.x(x))} {place(self.y(y))}h0" for x, y in points)
        return [
            f'<path d="{path}" stroke="{colour}" stroke-width="{size}" '
            f'stroke-linecap="round" fill="none"/>'
        ]

    def line(self, points, colour, width):
        path = "L".join(f"{place(self.x(x))} {place(self.y(y))}" for x, y in points)
        return [
            f'<path d="M{path}" stroke="{colour}" stroke-width="{width}" '
            f'stroke-linejoin="round" fill="none"/>'
        ]


def place(value):
    return format(shown(value, 2).normalize() + 0, "f")


def signed(value):
    return str(value).replace("-", "\u2212")


def year_of(date):
    return EPOCH + 10 * time_of(date)[0]


def step_range(values, step):
    """The multiples of `step` just around all values."""
    low, high = min(values) // step * step, max(values) // step * step
    while low > min(values):
        low -= step
    while high < max(values):
        high += step
    return low, high


def ticks(low, high, step):
    return [low + step * k for k in range(int((high - low) / step) + 1)]


def draw_record(fit, weeks):
    measured = [(year_of(date), ppm) for date, ppm in weeks if ppm is not None]
    begin, end = int(measured[0][0]) // 5 * 5, -(-int(measured[-1][0] + 1) // 5) * 5
    low, high = step_range([ppm for _, ppm in measured], 10)
    panel = Panel((64, 40, 636, 300), (begin, end), (low, high))
    trend = [(year_of(date), fit.trend(time_of(date)[0])) for date, _ in weeks[::13] + weeks[-1:]]
    curve = [(year_of(date), fit.at(date)) for date, _ in weeks]
    marks = range(begin, end + 1, 5)
    decades = [(year, year) for year in marks if year % 10 == 0]
    parts = panel.frame("a", "Weekly CO\u2082 at Mauna Loa, fitted curve and trend")
    parts += panel.ticks_up(ticks(low, high, 10)) + panel.ticks_across(marks)
    parts += panel.names_across(decades)
    parts += panel.label_up("CO\u2082 (ppm)")
    parts += panel.dots(measured, FAINT, "1.8")
    parts += panel.line(curve, BLUE, "0.7") + panel.line(trend, RED, "1.6")
    return parts + legend(panel.left + 24, panel.top + 16)


def legend(x, y):
    entries = [
        (FAINT, "4", "weekly measurement", 11, "h0"),
        (BLUE, "1.4", "trend and seasonal cycle", 0, "h22"),
        (RED, "1.8", "trend", 0, "h22"),
    ]
    parts = []
    for k, (colour, width, text, dx, stroke) in enumerate(entries):
        base = y + 18 * k
        parts += [
            f'<path d="M{x + dx} {base - 4}{stroke}" stroke="{colour}" stroke-width="{width}" '
            'stroke-linecap="round"/>',
            f'<text x="{x + 30}" y="{base}">{text}</text>',
        ]
    return parts


def draw_season(fit, weeks, cycle):
    points = []
    for date, ppm in weeks:
        if ppm is not None:
            time, passed = time_of(date)
            points.append((passed * 12, ppm - fit.trend(time)))
    low, high = step_range([y for _, y in points], 2)
    panel = Panel((64, 400, 288, 210), (0, 12), (low, high))
    names = [(k + Decimal("0.5"), letter) for k, letter in enumerate("JFMAMJJASOND")]
    curve = [((day + Decimal("0.5")) * 12 / 365, value) for day, value in enumerate(cycle)]
    parts = panel.frame("b", "Seasonal cycle: measurement less trend")
    parts += panel.ticks_up(ticks(low, high, 2)) + panel.ticks_across(range(13))
    parts += panel.names_across(names)
    parts += panel.label_up("ppm") + panel.label_across("month")
    parts += panel.dots(points, FAINT, "1.6")
    return parts + panel.line(curve, BLUE, "1.8")


def draw_years(rows):
    differences = [mean - model for _, _, mean, model in rows]
    step = Decimal("0.5")
    low, high = step_range(differences + [Decimal(0)], step)
    begin, end = rows[0][0] // 5 * 5, -(-(rows[-1][0] + 1) // 5) * 5
    panel = Panel((428, 400, 272, 210), (begin, end), (low, high))
    marks = range(begin, end + 1, 5)
    decades = [(year, year) for year in marks if year % 10 == 0]
    parts = panel.frame("c", "Yearly mean less model")
    parts += panel.ticks_up(ticks(low, high, step)) + panel.ticks_across(marks)
    parts += panel.names_across(decades)
    parts += panel.label_up("ppm") + panel.label_across("year")
    parts += panel.line([(begin, 0), (end, 0)], INK, "0.6")
    for (year, *_), difference in zip(rows, differences):
        middle = year + Decimal("0.5")
        parts += panel.line([(middle, 0), (middle, difference)], BLUE, "1.2")
    points = [(row[0] + Decimal("0.5"), y) for row, y in zip(rows, differences)]
    return parts + panel.dots(points, BLUE, "4")


def draw(fit, weeks, cycle, rows):
    parts = draw_record(fit, weeks) + draw_season(fit, weeks, cycle) + draw_years(rows)
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="720" height="660" viewBox="0 0 720 660" '
        f'font-family="Helvetica, Arial, sans-serif" font-size="12" fill="{INK}">'
    )
    title = "<title>Atmospheric CO\u2082 at Mauna Loa</title>"
    ground = '<rect width="720" height="660" fill="#ffffff"/>'
    return "\n".join([head, title, ground] + parts + ["</svg>"]) + "\n"
