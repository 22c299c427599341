"""Messages of any type, filled with what nobody should send."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.values import FLOATS, TEXTS

ENCODINGS = ("rgb8", "bgr8", "rgba8", "mono8", "16UC1", "32FC1", "bayer_rggb8", "", "RGB8", "😀")
_texts = st.sampled_from([text.replace("\x00", "") for text in TEXTS]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12
)
_floats32 = st.sampled_from([f for f in FLOATS if not abs(f) > 3e38 or f in (1e999, -1e999)])


def _integers(bits: int, signed: bool) -> st.SearchStrategy[int]:
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    ends = st.sampled_from((low, high, high // 2, 0, 1, 2, 3))
    return ends | st.integers(low, high) | st.integers(0, 12)


_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "double": st.sampled_from(FLOATS) | st.floats(),
    "float": _floats32 | st.floats(width=32),
    "boolean": st.booleans(),
    "octet": st.integers(0, 255).map(lambda byte: bytes([byte])),
    "string": _texts,
    **{f"int{bits}": _integers(bits, True) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": _integers(bits, False) for bits in (8, 16, 32, 64)},
}


@cache
def messages(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Messages of a type. Of fixed lengths only those that can be sent."""
    given = {name: _field(text) for name, text in kind.get_fields_and_field_types().items()}
    if kind.__name__ == "Time":
        given["nanosec"] = st.integers(0, 999_999_999) | st.sampled_from((2**32 - 1, 10**9))
    if "encoding" in given:
        small = st.integers(0, 6)
        size = small | small | st.sampled_from((2**16, 2**31, 2**32 - 1))
        given |= {"encoding": st.sampled_from(ENCODINGS), "height": size, "width": size}
        given |= {"step": st.sampled_from((0, 1, 6, 9, 12, 18, 2**31, 2**32 - 1)) | size}
    return st.builds(kind, **given)


def _field(text: str) -> st.SearchStrategy[Any]:
    if text.startswith("sequence<"):
        inner = text.removeprefix("sequence<").removesuffix(">").split(",")[0]
        if inner == "uint8":
            return st.binary(max_size=80).map(lambda raw: list(raw))
        return st.lists(_field(inner), max_size=3 if "/" in inner else 30)
    if text.endswith("]"):
        inner, size = text.removesuffix("]").split("[")
        return st.lists(_field(inner), min_size=int(size), max_size=int(size))
    if "/" in text:
        package, name = text.split("/")
        return messages(getattr(import_module(f"{package}.msg"), name))
    return _SCALARS[text]
