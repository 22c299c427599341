"""One check in this process: `python -m vjepa2.doctor.one_check MODULE`, the host on stdin.

The finding is the only thing on stdout, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from importlib import import_module

from vjepa2.doctor.host import Host


def main() -> None:
    """Carry it out; what raises is left to the caller, as this process's end."""
    answer = os.dup(1)
    os.dup2(2, 1)  # libraries that print must not disturb the answer
    found = import_module(sys.argv[1]).check(Host(**json.load(sys.stdin)))
    with os.fdopen(answer, "w", encoding="utf-8") as stream:
        json.dump(asdict(found), stream)


if __name__ == "__main__":
    main()
