"""Values that nobody should send, and documents spoilt with them."""

from __future__ import annotations

import copy
import datetime
import math
from typing import Any

from hypothesis import strategies as st

NOT_FINITE = (math.nan, math.inf, -math.inf)
FLOATS = (*NOT_FINITE, 1e308, -1e308, 5e-324, 1e-310, -0.0, 0.0, 1e39, -1.0, 1e9)
INTEGERS = (
    0,
    -1,
    1,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**32,
    2**63,
    2**64 - 1,
    2**64,
    -(2**63),
    10**30,
)
TEXTS = (
    "",
    " ",
    "a" * 5000,
    "a/" * 3000,
    "../../etc/passwd",
    "/",
    "/dev/zero",
    "/dev/stdin",
    "/proc/self/mem",
    "~nobody_there/x",
    "a\x00b",
    "\ufeff",
    "é" * 70,
    "🤖",
    "%s%n",
    "\n\r\t",
    "nan",
    "1e999",
    "-",
    "[]",
    "{",
    "\x1b[2J",
    "\u202e",
    "-0",
    "None",
    "true",
)

floats = st.sampled_from(FLOATS) | st.floats()
integers = st.sampled_from(INTEGERS) | st.integers(-3, 40) | st.integers()
texts = st.sampled_from(TEXTS) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=20
)  # surrogates cannot be sent, nor written
scalars = (
    st.none()
    | st.booleans()
    | floats
    | integers
    | texts
    | st.binary(max_size=8)
    | st.just(datetime.date(1, 1, 1))
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(texts | integers, inner, max_size=4)
    ),
    max_leaves=8,
)
json_scalars = st.none() | st.booleans() | floats | integers | texts
json_anything = st.recursive(
    json_scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)


@st.composite
def mutated(draw: Any, document: Any, odd: st.SearchStrategy[Any] = anything) -> Any:
    """The document with one to three places replaced, dropped, renamed, doubled or added to."""
    changed = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        changed = _changed(draw, changed, odd)
    return changed


def _changed(draw: Any, value: Any, odd: st.SearchStrategy[Any]) -> Any:
    if not isinstance(value, dict | list) or not value or draw(st.integers(0, 9)) == 0:
        return draw(odd)
    keys = sorted(value, key=repr) if isinstance(value, dict) else range(len(value))
    key = draw(st.sampled_from(keys))
    act = draw(st.sampled_from(("inside",) * 5 + ("drop", "add")))
    if act == "inside":
        value[key] = _changed(draw, value[key], odd)
    elif act == "drop":
        del value[key]
    elif isinstance(value, dict):
        name = draw(texts)
        value[name] = value.pop(key) if draw(st.booleans()) else draw(odd)
    else:
        value.insert(key, copy.deepcopy(value[key]) if draw(st.booleans()) else draw(odd))
    return value


EXECUTED = "executed"
"""Name of the file that appears where a file's content was run."""
FRAGMENTS = (
    "[" * 3000,
    "{a: " * 1500,
    "- " * 2000,
    "? [a]: b\n",
    "&a [*a, *a]",
    "&a {b: *a}",
    "*nowhere",
    f"!!python/object/apply:os.system ['touch {EXECUTED}']",
    "!!python/name:os.system",
    "!!binary '%'",
    "!!timestamp nonsense",
    "2021-99-99",
    "0o99",
    "1:99:99",
    "9" * 5000,
    "!!float x",
    "!!int ''",
    "!!set {a, b}",
    "!!omap [a, b]",
    "<<: 3",
    "<<: [a]",
    "\t",
    "\x00",
    "\x85",
    "%YAML 9.9\n---\n",
    "---\na\n---\nb\n",
    "a: b: c",
    "'",
    '"\\uD800"',
    '"\\x',
    "|9\n x",
    "'a': 1\n'a': 2\n",
)
BOMB = "\n".join(
    ["l0: &l0 {a: 1, b: 2}"]
    + [
        f"l{i}: &l{i} {{{', '.join(f'{c}: *l{i - 1}' for c in 'abcdefghi')}}}"
        for i in range(1, 10)
    ]
)
"""Nine mappings of nine mappings of nine ..., in a few lines."""
BOMB_LIST = (
    "["
    + "&l0 [1, 2]"
    + "".join(f", &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 10))
    + "]"
)


@st.composite
def spoilt_text(draw: Any, text: str, fragments: tuple[str, ...] = FRAGMENTS) -> bytes:
    """The text with something put in, cut off, or a few bytes changed."""
    how = draw(st.sampled_from(("fragment", "value", "cut", "bytes", "only")))
    if how == "only":
        return draw(st.sampled_from((*fragments, BOMB, BOMB_LIST))).encode()
    if how == "fragment":
        at = draw(st.integers(0, len(text)))
        return (text[:at] + draw(st.sampled_from(fragments)) + text[at:]).encode()
    if how == "value":  # after a colon, where a value is expected
        places = [i + 1 for i, letter in enumerate(text) if letter == ":"]
        at = draw(st.sampled_from(places))
        end = text.find("\n", at)
        put = draw(st.sampled_from((*fragments, BOMB_LIST)))
        return (text[:at] + " " + put + text[end if end >= 0 else len(text) :]).encode()
    return draw(spoilt_bytes(text.encode()))


@st.composite
def spoilt_bytes(draw: Any, content: bytes, start: int = 400) -> bytes:
    """The content cut off, padded, or with a few bytes changed, mostly near its start."""
    how = draw(st.sampled_from(("cut", "pad", "bytes", "bytes", "bytes", "swap")))
    if how == "cut":
        return content[: draw(st.integers(0, len(content)))]
    if how == "pad":
        return content + draw(st.binary(min_size=1, max_size=50))
    if how == "swap":
        at = draw(st.integers(0, len(content)))
        return content[at:] + content[:at]
    changed = bytearray(content)
    for _ in range(draw(st.integers(1, 6))):
        near = draw(st.booleans())
        at = draw(st.integers(0, min(start, len(content)) - 1 if near else len(content) - 1))
        changed[at] = draw(st.integers(0, 255))
    return bytes(changed)
