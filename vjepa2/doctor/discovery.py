"""How far ROS nodes look for one another."""

from __future__ import annotations

import os
from collections.abc import Mapping

from vjepa2.doctor.finding import Finding, missing, ok, warning
from vjepa2.doctor.host import Host

HIGHEST_DOMAIN = 232
"""UDP has no ports for higher ones: DDS takes 7400 + 250 a domain."""
HIGHEST_SAFE_DOMAIN = 101
"""Above it Linux gives some of a domain's ports to other programs."""
RANGES = ("SUBNET", "LOCALHOST", "OFF", "SYSTEM_DEFAULT")
RANGE = "ROS_AUTOMATIC_DISCOVERY_RANGE"


def check(host: Host) -> Finding:
    """The variables of this process's environment."""
    return judge(host, os.environ)


def judge(host: Host, environment: Mapping[str, str]) -> Finding:
    """Whether domain and range fit the part of the stack that runs here."""
    domain = environment.get("ROS_DOMAIN_ID") or "0"
    reach = environment.get(RANGE, "")
    found = f"domain {domain}, range {reach or 'not set'}"
    if not domain.isdecimal() or int(domain) > HIGHEST_DOMAIN:
        return missing("discovery", found, f"set ROS_DOMAIN_ID to 0 to {HIGHEST_SAFE_DOMAIN}")
    if reach and reach not in RANGES:
        return missing("discovery", found, f"set {RANGE} to one of {', '.join(RANGES)}")
    if environment.get("ROS_LOCALHOST_ONLY") == "1":
        return missing(
            "discovery",
            f"{found}; ROS_LOCALHOST_ONLY is set, which goes before the range",
            f"unset ROS_LOCALHOST_ONLY, and use {RANGE}",
        )
    if reach == "OFF":
        return missing("discovery", found, f"no node finds another: set {RANGE} to LOCALHOST")
    two_hosts = host.part != "all"
    if two_hosts and reach == "LOCALHOST" and not environment.get("ROS_STATIC_PEERS"):
        return missing(
            "discovery", found, f"the other host is not found: set {RANGE} to SUBNET on both"
        )
    if int(domain) > HIGHEST_SAFE_DOMAIN:
        return warning(
            "discovery", found, f"its ports may be taken: use 0 to {HIGHEST_SAFE_DOMAIN}"
        )
    if not two_hosts and reach in ("SUBNET", "SYSTEM_DEFAULT"):
        return warning(
            "discovery",
            found,
            "everyone on the network can command the arm: unset it, and `vjepa2 up` keeps to "
            "this host, or see docs/security.md",
        )
    if not two_hosts and not reach:
        found += ", so that `vjepa2 up` keeps to this host"
    return ok("discovery", found)
