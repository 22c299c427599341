"""Values of a task file, checked one by one; every refusal names the place and the remedy."""

import difflib
import math
import re
import reprlib
from collections.abc import Mapping, Sequence
from typing import Any

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
NAME_RULE = "1 to 64 letters, digits, - and _"
LONGEST_SHOWN = 60


class TaskError(ValueError):
    """A task is refused; the message names what is wrong with it, and what to do."""


def is_name(name: object) -> bool:
    """Whether it can name a task or a goal: files are called after it."""
    return isinstance(name, str) and NAME.fullmatch(name) is not None


def mapping(value: Any, keys: Sequence[str], where: str) -> Mapping[str, Any]:
    """A mapping that has no other keys than ``keys``."""
    if not isinstance(value, dict):
        raise TaskError(f"{where} must be a mapping with the keys {', '.join(keys)}")
    for key in value:
        if key not in keys:
            near = difflib.get_close_matches(str(key), keys, 1) if isinstance(key, str) else []
            remedy = f"did you mean {near[0]}?" if near else f"valid are {', '.join(keys)}"
            raise TaskError(f"{where}: unknown key {shown(key)}; {remedy}")
    return value


def name_of(entry: Mapping[str, Any], where: str) -> str:
    """Its ``name``, which must be there."""
    if "name" not in entry:
        raise TaskError(f"{where}: name is missing; give it {NAME_RULE}")
    name = entry["name"]
    if not is_name(name):
        raise TaskError(f"{where}: name must be {NAME_RULE}, not {shown(name)}")
    return str(name)


def whole_number(value: object, lowest: int, highest: int, where: str) -> int:
    """A whole number within limits; no truth value, no 4.0."""
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise TaskError(
            f"{where} must be a whole number from {lowest} to {highest}, not {shown(value)}"
        )
    return value


def finite_number(value: object, where: str) -> float:
    """A number of at least 0."""
    number = math.nan
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
    if not 0.0 <= number < math.inf:
        raise TaskError(f"{where} must be a number of at least 0, not {shown(value)}")
    return number


def shown(value: object) -> str:
    """Short text of any value."""
    try:
        text = reprlib.repr(value)  # of what aliases fold up, `repr` would have no end
    # Python gives whole numbers of many thousand digits no text.
    except ValueError:
        return f"this {type(value).__name__}"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
