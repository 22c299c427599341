"""Numbers on the command line: a senseless one is refused before any work."""

from __future__ import annotations

import argparse
import math


def count(text: str) -> int:
    """A whole number from 1 on."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is under 1")
    return value


def positive(text: str) -> float:
    """A finite number over 0."""
    value = float(text)
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"{text} is not over 0 and finite")
    return value
