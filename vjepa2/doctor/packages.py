"""Python packages against the versions that the project pins."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.resources import files

from packaging.requirements import Requirement

from vjepa2.doctor.finding import Finding, missing, ok, warning
from vjepa2.doctor.host import Host

PROJECT = "vjepa2-robot-stack"
REMEDY = "pip install"


def check(host: Host) -> Finding:
    """Whether all that the host's part needs is there, and in the pinned versions."""
    try:
        pinned = pins(requires(PROJECT) or [])
    except PackageNotFoundError:
        return missing("packages", f"{PROJECT} itself is not installed", "pip install .")
    return compare(pinned, needed(host.part, pinned))


def compare(pinned: Mapping[str, str], names: list[str]) -> Finding:
    """What is installed of `names` against the versions that `pinned` has for them."""
    absent, other, pieces = [], [], []
    for name in names:
        installed = _installed(name)
        pin = f"{name}=={pinned[name]}"
        if installed is None:
            absent.append(pin)
        elif installed != pinned[name]:
            other.append(f"{name} {installed}, pinned {pinned[name]}")
            pieces.append(pin)
    if absent:
        found = f"not installed: {', '.join(absent)}"
        return missing("packages", found, f"{REMEDY} {' '.join(absent)}")
    if other:
        found = f"other versions than those tried: {'; '.join(other)}"
        return warning("packages", found, f"{REMEDY} {' '.join(pieces)}")
    return ok("packages", f"all {len(names)} in the pinned versions")


def pins(requirements: list[str]) -> dict[str, str]:
    """Version by name, of lines `name==version; marker`, where the marker is for this host."""
    return {line.name: str(line.specifier).removeprefix("==") for line in _of_here(requirements)}


def needed(part: str, pinned: Mapping[str, str]) -> list[str]:
    """Names of the packages that a part of the stack needs; `all`: every one."""
    return list(pinned) if part == "all" else host_packages(part)


def host_packages(part: str) -> list[str]:
    """Those of a robot or planning host: what its container installs, too."""
    text = files("vjepa2.doctor").joinpath(f"{part}_packages.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [line.name for line in _of_here(lines)]


def _of_here(requirements: list[str]) -> list[Requirement]:
    parsed = map(Requirement, requirements)
    return [line for line in parsed if line.marker is None or line.marker.evaluate({"extra": ""})]


def _installed(name: str) -> str | None:
    try:
        # What follows a plus names the build, such as cpu.
        return version(name).partition("+")[0]
    except PackageNotFoundError:
        return None
