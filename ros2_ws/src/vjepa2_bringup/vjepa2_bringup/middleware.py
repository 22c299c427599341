"""Settings of the ROS middleware that this stack wants, where the user has not decided."""

from __future__ import annotations

from collections.abc import Mapping

from vjepa2_bringup.presets import preset_folder

RANGE = "ROS_AUTOMATIC_DISCOVERY_RANGE"
PROFILES = "FASTRTPS_DEFAULT_PROFILES_FILE"
OWN_TRANSPORTS = ("FASTDDS_DEFAULT_PROFILES_FILE", "FASTDDS_BUILTIN_TRANSPORTS")


def middleware_settings(environment: Mapping[str, str], one_host: bool) -> dict[str, str]:
    """Variables to add to `environment`.

    Discovery ends at this host when the stack does. Fast DDS gets shared memory that camera images
    fit into, unless its transports were chosen already.
    """
    wanted = {}
    if one_host:
        wanted[RANGE] = "LOCALHOST"
    if not any(name in environment for name in OWN_TRANSPORTS):
        wanted[PROFILES] = str(preset_folder() / "fastdds.xml")
    return {name: value for name, value in wanted.items() if name not in environment}
