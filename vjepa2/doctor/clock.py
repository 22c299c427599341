"""Whether this host's clock agrees with the other's: both compare stamps."""

from __future__ import annotations

import subprocess

from vjepa2.doctor.finding import Finding, missing, ok, warning
from vjepa2.doctor.host import Host

TOLERANCE = 0.01
"""Of each host, so that two differ by 20 ms at most [s]."""
SETUP = "`apt-get install chrony`, and on both hosts the same server in /etc/chrony/chrony.conf"
COLUMNS = 14
OFFSET, ROOT_DELAY, ROOT_DISPERSION, LEAP = 4, 10, 11, 13
"""Columns of `chronyc -c tracking`."""


def check(host: Host) -> Finding:
    """By what chrony says of it."""
    try:
        told = subprocess.run(
            ["chronyc", "-c", "tracking"], capture_output=True, text=True, timeout=10
        )
    except FileNotFoundError:
        return warning(
            "clock", "chrony is not installed: how far the clock is off is unknown", SETUP
        )
    if told.returncode:
        reason = (told.stdout or told.stderr).strip()
        return missing("clock", f"chrony does not run: {reason}", "`systemctl start chrony`")
    return judge(told.stdout)


def judge(tracking: str) -> Finding:
    """By a line of `chronyc -c tracking`."""
    columns = tracking.strip().split(",")
    if len(columns) < COLUMNS:
        return warning("clock", f"chrony says {tracking.strip()!r}, which is unknown here", SETUP)
    if columns[LEAP] == "Not synchronised":
        return missing("clock", "chrony has no server to follow", SETUP)
    error = abs(float(columns[OFFSET])) + float(columns[ROOT_DELAY]) / 2
    error += float(columns[ROOT_DISPERSION])
    found = f"off by {1000 * error:.2f} ms at most, against {columns[1] or 'its own clock'}"
    if error > TOLERANCE:
        return missing(
            "clock", found, f"{1000 * TOLERANCE:g} ms are allowed: wait, or a nearer server"
        )
    return ok("clock", found)
