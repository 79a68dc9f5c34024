"""Check the vectors with nothing but Python's standard library: an implementation of its own.

    check.py folders    every vector beside this file
    check.py lines      lines `HEX CID JSON` on standard input

It follows docs/spec/encoding.md and docs/spec/envelope.md and shares no code with the Rust crate.
"""

import base64
import decimal
import hashlib
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent


# --- Values: str, bytes, bool, None, int, Dec (text), Link (36 bytes), list, dict ---


class Dec(str):
    """A number that is no 64-bit integer, in its one text."""


class Link(bytes):
    """A content id in binary."""


def number(text):
    """The value of a JSON number, exactly."""
    exact = decimal.Decimal(text)
    plain = format(exact, "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    if plain in ("-0", ""):
        plain = "0"
    if "." not in plain and -(2**63) <= int(plain) < 2**63:
        return int(plain)
    digits = plain.replace("-", "").replace(".", "").strip("0")
    assert len(digits) <= 28, text
    return Dec(plain)


def cid_bytes(text):
    assert text[0] == "b" and len(text) == 59
    raw = base64.b32decode(text[1:].upper() + "=" * 6)
    assert len(raw) == 36 and raw[0] == 1 and raw[1] in (0x55, 0x71) and raw[2:4] == b"\x12\x20"
    return raw


def pairs(items):
    """A JSON object: a map, or the form of bytes or of a link."""
    assert len({key for key, _ in items}) == len(items)
    if len(items) == 1 and items[0][0] == "/":
        inner = items[0][1]
        if isinstance(inner, str):
            return Link(cid_bytes(inner))
        if isinstance(inner, dict) and list(inner) == ["bytes"]:
            text = inner["bytes"]
            return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    return dict(items)


def from_json(text):
    return json.loads(text, parse_int=number, parse_float=number, object_pairs_hook=pairs)


# --- Bytes ---


def head(major, argument):
    if argument < 24:
        return bytes([major << 5 | argument])
    for info, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << 8 * width:
            return bytes([major << 5 | info]) + argument.to_bytes(width, "big")
    raise AssertionError("a number is too large")


def encode(value):
    if value is None:
        return b"\xf6"
    if value is False or value is True:
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, Dec):
        return encode({"$dec": str(value)})
    if isinstance(value, Link):
        return head(6, 42) + head(2, 37) + b"\0" + value
    if isinstance(value, str):
        raw = value.encode("utf-8")
        return head(3, len(raw)) + raw
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    entries = sorted((len(k.encode()), k.encode(), k) for k in value)
    return head(5, len(value)) + b"".join(encode(k) + encode(value[k]) for _, _, k in entries)


class Refused(Exception):
    pass


def decode(raw):
    """The value of strict bytes; whatever is not exactly what `encode` writes is refused."""
    value, rest = item(raw, 64)
    if rest or encode(value) != raw:
        raise Refused("not the one byte string of the value")
    return value


def item(raw, levels):
    if not raw:
        raise Refused("cut")
    major, info, rest = raw[0] >> 5, raw[0] & 31, raw[1:]
    if major == 7:
        if info in (20, 21, 22):
            return {20: False, 21: True, 22: None}[info], rest
        raise Refused("simple or float")
    if info > 27:
        raise Refused("indefinite or reserved")
    width = {24: 1, 25: 2, 26: 4, 27: 8}.get(info, 0)
    if len(rest) < width:
        raise Refused("cut")
    argument = int.from_bytes(rest[:width], "big") if width else info
    rest = rest[width:]
    if major in (0, 1):
        if argument >= 2**63:
            raise Refused("beyond 64 bits")
        return (argument if major == 0 else -1 - argument), rest
    if major in (2, 3):
        if len(rest) < argument:
            raise Refused("cut")
        try:
            content = rest[:argument] if major == 2 else rest[:argument].decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("not UTF-8")
        return content, rest[argument:]
    if major == 6:
        content, rest = item(rest, levels)
        if argument != 42 or type(content) is not bytes or len(content) != 37:
            raise Refused("tag")
        if content[0] or content[1] != 1 or content[2] not in (0x55, 0x71) or content[3:5] != b"\x12\x20":
            raise Refused("link")
        return Link(content[1:]), rest
    if levels == 0:
        raise Refused("depth")
    if argument > len(rest):
        raise Refused("cut")
    return items(rest, argument, levels - 1) if major == 4 else entries(rest, argument, levels - 1)


def items(rest, count, levels):
    found = []
    for _ in range(count):
        value, rest = item(rest, levels)
        found.append(value)
    return found, rest


def entries(rest, count, levels):
    found = {}
    for _ in range(count):
        key, rest = item(rest, levels)
        if type(key) is not str or key in found:
            raise Refused("key")
        found[key], rest = item(rest, levels)
    if list(found) == ["$dec"]:
        text = found["$dec"]
        try:
            if type(text) is not str or not set(text) <= set("-.0123456789"):
                raise Refused("decimal")
            value = number(text)
        except (decimal.InvalidOperation, AssertionError):
            raise Refused("decimal")
        if not isinstance(value, Dec) or value != text or len(text.partition(".")[2]) > 127:
            raise Refused("decimal")
        if len(text.lstrip("-").partition(".")[0]) > 28:
            raise Refused("decimal")
        return value, rest
    if any(key.startswith("$") for key in found):
        raise Refused("reserved key")
    return found, rest


def cid(raw):
    """The content id of a DAG-CBOR block."""
    binary = b"\x01\x71\x12\x20" + hashlib.sha256(raw).digest()
    return "b" + base64.b32encode(binary).decode().rstrip("=").lower()


# --- Ed25519, RFC 8032 section 6, with the strict rules of docs/spec/envelope.md ---

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, p):
    q = (0, 1, 1, 0)
    while n:
        if n & 1:
            q = add(q, p)
        p, n = add(p, p), n >> 1
    return q


def point(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        raise Refused("not canonical")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        raise Refused("no point")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def pack(p):
    inverse = pow(p[2], P - 2, P)
    x, y = p[0] * inverse % P, p[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


NEUTRAL = pack((0, 1, 1, 0))
BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def verify(key, message, signature):
    a, s = point(key), int.from_bytes(signature[32:], "little")
    r = point(signature[:32])
    if pack(times(8, a)) == NEUTRAL or pack(times(8, r)) == NEUTRAL:
        raise Refused("small order")
    if pack(times(L, a)) != NEUTRAL:
        raise Refused("outside the prime-order group")
    if s >= L:
        raise Refused("S is not canonical")
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    k = int.from_bytes(digest, "little") % L
    minus_a = (P - a[0], a[1], 1, P - a[3])
    if pack(add(times(s, BASE), times(k, minus_a))) != signature[:32]:
        raise Refused("signature")


KINDS = (
    "genesis policy-bundle event proof-of-fold proof-of-execution proof-of-experiment reproduction denial"
    " activation proposal approval grant revocation"
).split()
TYPES = [f"application/vnd.gatos.{kind}.v1+dag-cbor" for kind in KINDS]


def open_envelope(raw):
    """The payload's bytes of an envelope of which every signature is valid."""
    envelope = decode(raw)
    if not isinstance(envelope, dict) or set(envelope) != {"payload", "payloadType", "signatures"}:
        raise Refused("fields")
    payload, kind, signatures = (envelope[k] for k in ("payload", "payloadType", "signatures"))
    if type(payload) is not bytes or kind not in TYPES or not isinstance(signatures, list):
        raise Refused("fields")
    for entry in signatures:
        if not isinstance(entry, dict) or set(entry) != {"keyid", "sig"}:
            raise Refused("fields")
        if [type(v) is bytes and len(v) for v in (entry["keyid"], entry["sig"])] != [32, 64]:
            raise Refused("fields")
    keys = [entry["keyid"] for entry in signatures]
    if not 1 <= len(keys) <= 64 or keys != sorted(set(keys)):
        raise Refused("signatures")
    decode(payload)
    type_bytes = kind.encode()
    message = b"DSSEv1 %d %s %d %s" % (len(type_bytes), type_bytes, len(payload), payload)
    for entry in signatures:
        verify(entry["keyid"], message, entry["sig"])
    return payload


# --- What is checked ---


def refused(check, raw):
    try:
        check(raw)
    except Refused:
        return
    raise AssertionError("accepted")


def arithmetic(row):
    """One row of decimal/arithmetic.json, computed with whole numbers and fractions."""
    from fractions import Fraction
    from math import floor, isqrt

    a, op, expected = Fraction(row["a"]), row["op"], row["is"]
    b = Fraction(row.get("b", 0))
    if op in ("/", "//", "%") and b == 0:
        return expected == {"error": "division-by-zero"}
    if op == "sqrt" and a < 0:
        return expected == {"error": "negative-root"}
    if op == "sqrt":
        scaled = a.numerator * 10**400 // a.denominator
        root = isqrt(scaled)
        # Sticky digit: something follows unless the root is exact.
        exact = root * root == scaled and scaled * a.denominator == a.numerator * 10**400
        result = rounded(Fraction(root * 10 + (not exact), 10**201))
    elif op == "round":
        unit = 10 ** int(b)
        result = Fraction(round(a * unit), unit)
    elif op == "/":
        result = rounded(a / b)
    else:
        result = {"+": a + b, "-": a - b, "*": a * b}.get(op)
        if result is None:
            result = Fraction(floor(a / b)) if op == "//" else a - b * floor(a / b)
    if isinstance(expected, str):
        return Fraction(expected) == result and fits(result)
    return not fits(result) and expected["error"] in ("overflow", "inexact", "underflow")


def rounded(value):
    """Half to even at 28 significant digits (Python's round is half to even on fractions)."""
    if value == 0:
        return value
    exponent = 0
    while abs(value) >= 10**28:
        value, exponent = value / 10, exponent + 1
    while abs(value) < 10**27:
        value, exponent = value * 10, exponent - 1
    return round(value) * type(value)(10) ** exponent


def fits(value):
    scale = 0
    while value.denominator != 1:
        value, scale = value * 10, scale + 1
        if scale > 127:
            return False
    digits = str(abs(value.numerator))
    return len(digits.strip("0")) <= 28 and len(digits) - scale <= 28


def folders():
    counts = {}

    def files(folder, ending):
        found = sorted((HERE / folder).glob(f"*.{ending}"))
        assert found, folder
        counts[folder] = len(found)
        return found

    for path in files("encoding/ok", "cbor"):
        raw, value = path.read_bytes(), from_json(path.with_suffix(".json").read_text())
        assert encode(value) == raw, path
        assert encode(decode(raw)) == raw, path
        assert cid(raw) == path.with_suffix(".cid").read_text().strip(), path
    for path in files("encoding/err", "cbor"):
        refused(decode, path.read_bytes())
    for path in files("envelope/ok", "cbor"):
        raw = path.read_bytes()
        assert encode(from_json(path.with_suffix(".json").read_text())) == raw, path
        assert cid(open_envelope(raw)) == path.with_suffix(".cid").read_text().strip(), path
    for path in files("statement/ok", "cbor"):
        payload = open_envelope(path.read_bytes())
        assert encode(from_json(path.with_suffix(".json").read_text())) == payload, path
        assert cid(payload) == path.with_suffix(".cid").read_text().strip(), path
    for path in files("envelope/err", "cbor"):
        refused(open_envelope, path.read_bytes())
    rows = json.loads((HERE / "decimal/arithmetic.json").read_text())
    counts["decimal"] = len(rows)
    for row in rows:
        assert arithmetic(row), row
    print(counts)


def lines():
    for line in sys.stdin.buffer.read().decode("utf-8").split("\n")[:-1]:
        raw, name, text = line.split(" ", 2)
        raw, value = bytes.fromhex(raw), from_json(text)
        assert encode(value) == raw, line
        assert encode(decode(raw)) == raw, line
        assert cid(raw) == name, line


if __name__ == "__main__":
    {"folders": folders, "lines": lines}[sys.argv[1]]()
