"""The model: a polynomial trend and harmonics of the year, fitted by ordinary least squares."""

import datetime
import functools
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

DIGITS = 50
WINDOW = 209  # weeks, four years: the longest swings of the residuals last about as long
EPOCH = 1980  # the trend is a polynomial in decades since the beginning of this year


class ModelError(Exception):
    """The measurements do not determine the model."""


class Fit:
    """Ordinary least squares of all measured weeks.

    Residuals of weeks near each other are alike (`persistence` is the correlation of neighbours),
    so standard errors are those of Newey and West (1987), with a window of WINDOW weeks.
    """

    def __init__(self, weeks, degree, harmonics):
        self.degree, self.harmonics = degree, harmonics
        design, measured = [], []
        for date, ppm in weeks:
            if ppm is not None:
                design.append(self.terms(date))
                measured.append(ppm)
        self.n, freedom = len(measured), len(measured) - (1 + degree + 2 * harmonics)
        if freedom < 1:
            raise ModelError(f"{self.n} measurements are too few for this model")
        columns = list(zip(*design))
        self.spread = inverse([[dot(a, b) for b in columns] for a in columns])
        moments = [dot(column, measured) for column in columns]
        self.coefficients = [dot(row, moments) for row in self.spread]

        residuals = [None if ppm is None else ppm - self.at(date) for date, ppm in weeks]
        squares = sum(x * x for x in residuals if x is not None)
        mean = sum(measured) / self.n
        self.variance = squares / freedom
        self.r_squared = 1 - squares / sum((y - mean) ** 2 for y in measured)
        pairs = [a * b for a, b in zip(residuals, residuals[1:]) if None not in (a, b)]
        self.persistence = sum(pairs) / len(pairs) / (squares / self.n)
        self.pull = [  # of each week on the coefficients; none where nothing was measured
            None if residual is None else [residual * x for x in self.terms(date)]
            for (date, _), residual in zip(weeks, residuals)
        ]

    def terms(self, date):
        time, passed = time_of(date)
        return trend_terms(time, self.degree) + seasonal_terms(passed, self.harmonics)

    def trend(self, time):
        return dot(self.coefficients, trend_terms(time, self.degree))

    def seasonal(self, passed):
        return dot(self.coefficients[self.degree + 1 :], seasonal_terms(passed, self.harmonics))

    def at(self, date):
        return dot(self.coefficients, self.terms(date))

    def error(self, weights):
        """Standard error of a weighted sum of coefficients.

        Newey and West's sum over pairs of weeks, weighted by 1 - lag / WINDOW, is the sum of the
        squares of all sums over WINDOW neighbouring weeks, divided by WINDOW.
        """
        weights = weights + [Decimal(0)] * (len(self.coefficients) - len(weights))
        effect = [dot(row, weights) for row in self.spread]
        pulls = [Decimal(0) if pull is None else dot(effect, pull) for pull in self.pull]
        nothing = [Decimal(0)] * WINDOW
        window, squares = Decimal(0), Decimal(0)
        for entering, leaving in zip(pulls + nothing, nothing + pulls):
            window += entering - leaving
            squares += window * window
        return (squares / WINDOW).sqrt()

    def rate(self, time):
        """Growth at a time in ppm a year, with its standard error."""
        powers = trend_terms(time, self.degree)
        weights = [Decimal(0)] + [k * powers[k - 1] / 10 for k in range(1, self.degree + 1)]
        return dot(self.coefficients, weights), self.error(weights)

    def mean_rate(self, begin, end):
        """Mean growth of the trend between two times in ppm a year, with its standard error."""
        ends = zip(trend_terms(begin, self.degree), trend_terms(end, self.degree))
        weights = [(b - a) / (end - begin) / 10 for a, b in ends]
        return dot(self.coefficients, weights), self.error(weights)


def time_of(date):
    """The middle of a day as decades since EPOCH, and as the part of its year that has passed."""
    first = datetime.date(date.year, 1, 1)
    length = (datetime.date(date.year + 1, 1, 1) - first).days
    passed = (Decimal((date - first).days) + Decimal("0.5")) / length
    return (date.year - EPOCH + passed) / 10, passed


def trend_terms(time, degree):
    terms = [Decimal(1)]
    for _ in range(degree):
        terms.append(terms[-1] * time)
    return terms


def seasonal_terms(passed, harmonics):
    """Cosine and sine of 1, 2, … turns a year: powers of one point on the circle."""
    cosine, sine = cosine_and_sine(passed)
    terms, x, y = [], Decimal(1), Decimal(0)
    for _ in range(harmonics):
        x, y = x * cosine - y * sine, x * sine + y * cosine
        terms += [x, y]
    return terms


@functools.cache
def cosine_and_sine(turns):
    """Cosine and sine of a number of turns from 0 to 1, by their Taylor series."""
    with localcontext(Context(prec=DIGITS + 10, rounding=ROUND_HALF_EVEN)):
        angle = 2 * pi() * turns
        sums, term, k = [Decimal(0), Decimal(0)], Decimal(1), 0
        while k < 8 or abs(term) > Decimal(10) ** -(DIGITS + 8):
            sums[k % 2] += term * (-1) ** (k // 2)
            k += 1
            term = term * angle / k
    return sums


@functools.cache
def pi():
    """Machin's formula: 16 arctan(1/5) - 4 arctan(1/239)."""
    return 16 * arctan_of_inverse(5) - 4 * arctan_of_inverse(239)


def arctan_of_inverse(n):
    power, total, k = Decimal(1) / n, Decimal(0), 0
    while total + power / (2 * k + 1) != total:
        total += power / (2 * k + 1) * (-1) ** k
        power /= n * n
        k += 1
    return total


def inverse(matrix):
    """By elimination with the largest pivot."""
    size = len(matrix)
    rows = [row + [Decimal(int(i == j)) for j in range(size)] for i, row in enumerate(matrix)]
    for i in range(size):
        best = max(range(i, size), key=lambda k: abs(rows[k][i]))
        rows[i], rows[best] = rows[best], rows[i]
        if abs(rows[i][i]) < Decimal("1e-30"):
            raise ModelError("the measurements do not determine this model: use fewer terms")
        rows[i] = [x / rows[i][i] for x in rows[i]]
        for k in range(size):
            if k != i:
                rows[k] = [x - rows[k][i] * y for x, y in zip(rows[k], rows[i])]
    return [row[size:] for row in rows]


def dot(a, b):
    return sum((x * y for x, y in zip(a, b)), Decimal(0))
