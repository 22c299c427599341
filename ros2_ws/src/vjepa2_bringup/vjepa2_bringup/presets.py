"""Presets: named parameter files, installed with this package or beside it in a source tree."""

from __future__ import annotations

from pathlib import Path

PACKAGE = "vjepa2_bringup"


def preset_names() -> list[str]:
    """All presets, sorted."""
    return sorted(file.stem for file in preset_folder().glob("*.yaml"))


def preset_file(name: str) -> Path:
    """The parameter file of a preset; ValueError lists the valid names."""
    if name not in preset_names():
        raise ValueError(
            f"there is no preset {name!r}; there are {', '.join(preset_names())}, "
            "and an own parameter file can be given as config"
        )
    return preset_folder() / f"{name}.yaml"


def preset_folder() -> Path:
    """`config` of the source tree that this module lies in, else of the installed package."""
    beside = Path(__file__).resolve().parents[1] / "config"
    if beside.is_dir():
        return beside.resolve()
    # Imported here: a source tree needs no installation of ROS to know its presets.
    from ament_index_python.packages import get_package_share_directory

    return Path(get_package_share_directory(PACKAGE)) / "config"
