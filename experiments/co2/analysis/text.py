"""Results as text: rounded decimals, JSON and CSV."""

import json
from decimal import ROUND_HALF_EVEN, Decimal

SHOWN = 4  # decimals of the results


def shown(value, places=SHOWN):
    """Rounded half to even, never a negative zero."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN) + 0


def json_text(value, indent=None, margin="\n"):
    """JSON with every digit of a decimal; `json.dumps` would go through binary floating point."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if not isinstance(value, dict):
        return json.dumps(value)
    inner = margin if indent is None else margin + " " * indent
    items = [f"{json.dumps(key)}: {json_text(item, indent, inner)}" for key, item in value.items()]
    if indent is None or not items:
        return "{" + ", ".join(items) + "}"
    return "{" + inner + ("," + inner).join(items) + margin + "}"


def csv_text(header, rows):
    lines = [header] + [",".join("" if x is None else str(x) for x in row) for row in rows]
    return "\n".join(lines) + "\n"
