"""Trend and seasonal cycle of weekly CO2 at Mauna Loa, by harmonic regression.

Reads   inputs/co2          weekly measurements: CSV with `date` (YYYYMMDD), `co2` (ppm or empty)
        inputs/yearly.json  yearly sums and means of the same measurements, from a proved fold
        parameters.json     `trend_degree` (1 to 5) and `harmonics` (1 to 4)
Writes  $out/trend.json, fitted.csv, yearly.csv, trend.svg, events.jsonl

Every number is an integer or a decimal of 50 digits, sine and cosine included: no binary floating
point and no mathematics library takes part, so the results are the same bits on every machine.
"""

import datetime
import os
from decimal import ROUND_HALF_EVEN, Context, Decimal, setcontext

from figure import draw
from model import DIGITS, EPOCH, Fit, ModelError, dot, seasonal_terms, time_of
from reading import check_state, fail, read_json, read_measurements, read_parameters
from text import csv_text, json_text, shown

COMPLETE = 45  # measured weeks that a year needs for its mean to enter the observed growth
DEGREES = range(1, 6)  # of the trends whose residuals are compared


def main():
    setcontext(Context(prec=DIGITS, rounding=ROUND_HALF_EVEN))
    legal = {"trend_degree": (DEGREES[0], DEGREES[-1]), "harmonics": (1, 4)}
    parameters = read_parameters("parameters.json", legal)
    weeks = read_measurements("inputs/co2")
    years = check_state(read_json("inputs/yearly.json"), weeks)
    out = os.environ.get("out") or fail("the environment variable `out` names no folder")
    try:
        files = analyse(weeks, years, parameters["trend_degree"], parameters["harmonics"])
    except ModelError as error:
        fail(error)
    except ArithmeticError:
        fail("the measurements do not determine this model: use fewer terms")
    os.makedirs(out, exist_ok=True)
    for name, text in files.items():
        with open(os.path.join(out, name), "w", encoding="utf-8", newline="\n") as file:
            file.write(text)


def analyse(weeks, years, degree, harmonics):
    """The text of every result by its file's name."""
    fits = {other: Fit(weeks, other, harmonics) for other in DEGREES}
    fit = fits[degree]
    days = [season_of_day(day, harmonics) for day in range(365)]
    cycle = [dot(fit.coefficients[degree + 1 :], terms) for terms in days]
    rows = compare_years(fit, weeks, years)

    trend, season = describe_trend(fit, weeks), describe_season(fit, cycle)
    comparison = describe_years(rows)
    results = {
        "trend": trend,
        "season": season,
        "years": comparison,
        "coefficients": describe_coefficients(fit),
        "residual_sd_by_trend_degree": {
            str(other): shown(fits[other].variance.sqrt()) for other in DEGREES
        },
    }
    events = [
        {"type": "trend-fitted", "payload": trend},
        {"type": "seasonal-cycle", "payload": season},
        {"type": "yearly-comparison", "payload": comparison},
    ]
    by_year = [[y, n, shown(mean), shown(model), shown(mean - model)] for y, n, mean, model in rows]
    return {
        "trend.json": json_text(results, 2) + "\n",
        "fitted.csv": csv_text("date,co2,fitted,trend,seasonal,residual", fitted_rows(fit, weeks)),
        "yearly.csv": csv_text("year,weeks,mean,model,difference", by_year),
        "trend.svg": draw(fit, weeks, cycle, rows),
        "events.jsonl": "".join(json_text(event) + "\n" for event in events),
    }


def describe_trend(fit, weeks):
    result = {
        "first": number_of(weeks[0][0]),
        "last": number_of(weeks[-1][0]),
        "weeks": len(weeks),
        "n": fit.n,
        "missing": len(weeks) - fit.n,
        "trend_degree": fit.degree,
        "harmonics": fit.harmonics,
    }
    begin, end = time_of(weeks[0][0])[0], time_of(weeks[-1][0])[0]
    result["mean_rate"], result["mean_rate_error"] = map(shown, fit.mean_rate(begin, end))
    for year in (1965, 1980, 1995):
        rate, error = fit.rate(Decimal(year - EPOCH) / 10)
        result[f"rate_{year}"], result[f"rate_{year}_error"] = shown(rate), shown(error)
    result["level_1980"] = shown(fit.trend(Decimal(1980 - EPOCH) / 10))
    result["residual_sd"] = shown(fit.variance.sqrt())
    result["r_squared"] = shown(fit.r_squared, 6)
    result["persistence"] = shown(fit.persistence)
    return result


def describe_season(fit, cycle):
    high, low = cycle.index(max(cycle)), cycle.index(min(cycle))
    ends = zip(season_of_day(high, fit.harmonics), season_of_day(low, fit.harmonics))
    weights = [Decimal(0)] * (fit.degree + 1) + [a - b for a, b in ends]
    result = {
        "peak_to_peak": shown(cycle[high] - cycle[low]),
        "peak_to_peak_error": shown(fit.error(weights)),
        "maximum": shown(cycle[high]),
        "maximum_day": day_name(high),
        "minimum": shown(cycle[low]),
        "minimum_day": day_name(low),
    }
    for k in range(fit.harmonics):
        a, b = fit.coefficients[fit.degree + 1 + 2 * k :][:2]
        result[f"amplitude_{k + 1}"] = shown((a * a + b * b).sqrt())
    return result


def describe_years(rows):
    worst = max(rows, key=lambda row: abs(row[2] - row[3]))
    squares = sum((mean - model) ** 2 for _, _, mean, model in rows)
    result = {
        "years": len(rows),
        "difference_rms": shown((squares / len(rows)).sqrt()),
        "largest_difference": shown(worst[2] - worst[3]),
        "largest_difference_year": worst[0],
    }
    complete = [row for row in rows if row[1] >= COMPLETE]
    if len(complete) > 1:
        first, last = complete[0], complete[-1]
        result["observed_from"], result["observed_to"] = first[0], last[0]
        result["observed_rate"] = shown((last[2] - first[2]) / (last[0] - first[0]))
        result["model_rate"] = shown((last[3] - first[3]) / (last[0] - first[0]))
    return result


def describe_coefficients(fit):
    """Trend in ppm per decade to the power k since EPOCH, then the harmonics in ppm."""
    names = [f"trend_{k}" for k in range(fit.degree + 1)]
    names += [f"{name}_{k + 1}" for k in range(fit.harmonics) for name in ("cos", "sin")]
    return {name: shown(x, 8) for name, x in zip(names, fit.coefficients)}


def compare_years(fit, weeks, years):
    """Per year: measured weeks, mean of the proved state, mean of the model in the same weeks."""
    rows = []
    for name in sorted(year for year in years if years[year]["n"]):
        model = [fit.at(date) for date, ppm in weeks if ppm is not None and str(date.year) == name]
        rows.append((int(name), years[name]["n"], years[name]["mean"], sum(model) / len(model)))
    return rows


def fitted_rows(fit, weeks):
    for date, ppm in weeks:
        time, passed = time_of(date)
        trend, seasonal = fit.trend(time), fit.seasonal(passed)
        residual = None if ppm is None else shown(ppm - trend - seasonal)
        parts = [shown(trend + seasonal), shown(trend), shown(seasonal)]
        yield [number_of(date), ppm, *parts, residual]


def season_of_day(day, harmonics):
    """The seasonal terms in the middle of day 0 to 364 of a common year."""
    return seasonal_terms((Decimal(day) + Decimal("0.5")) / 365, harmonics)


def day_name(day):
    """Day 0 to 364 of a common year as month and day."""
    return (datetime.date(2001, 1, 1) + datetime.timedelta(days=day)).strftime("%m-%d")


def number_of(date):
    """A date as the number YYYYMMDD."""
    return date.year * 10000 + date.month * 100 + date.day


if __name__ == "__main__":
    main()
