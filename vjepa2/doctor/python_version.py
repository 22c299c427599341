"""Python itself."""

from __future__ import annotations

import platform
import sys

from vjepa2.doctor.finding import Finding, missing, ok
from vjepa2.doctor.host import Host

LEAST = (3, 11)


def check(host: Host) -> Finding:
    """Whether it is new enough."""
    found = f"Python {platform.python_version()} at {sys.executable}"
    if sys.version_info >= LEAST:
        return ok("python", found)
    least = ".".join(map(str, LEAST))
    return missing("python", found, f"make the environment anew with Python {least} or newer")
