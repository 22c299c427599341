"""What a check found, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """warning: the stack works, but worse or not everywhere; missing: it does not work."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    """name: of the check. found: one sentence. remedy: what to do; empty where all is well."""

    name: str
    state: State
    found: str
    remedy: str = ""


def ok(name: str, found: str) -> Finding:
    """All is well."""
    return Finding(name, State.OK, found)


def warning(name: str, found: str, remedy: str) -> Finding:
    """Not as it should be, but the stack works."""
    return Finding(name, State.WARNING, found, remedy)


def missing(name: str, found: str, remedy: str) -> Finding:
    """Something necessary is not there."""
    return Finding(name, State.MISSING, found, remedy)


def lacking(name: str, found: str, remedy: str, *, needed: bool) -> Finding:
    """Missing where it is needed, else a warning."""
    return (missing if needed else warning)(name, found, remedy)
