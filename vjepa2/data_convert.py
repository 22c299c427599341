"""`vjepa2 data convert`: rosbag2 recordings become episodes."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path
from typing import Any

from rich.console import Console

from vjepa2.data_summary import show_conversion
from vjepa2.option_types import positive
from vjepa2_data.rosbag_settings import ConversionSettings
from vjepa2_sim.exit_status import FAULT

ABOUT = "turn rosbag2 recordings of this stack into episodes in DROID's raw layout"
EXAMPLES = """examples:
  vjepa2 data convert bags/* --out data/lab
  vjepa2 data convert monday.mcap --out data/lab --fps 15 --max-seconds 20
  vjepa2 data convert bags/old --out data/lab --image-topic front/image_raw --max-state-gap 0.3

A bag that can't be converted is named and the next one follows; status 2 says that one failed, or
that there was nothing to write.
"""
DEFAULTS = ConversionSettings()


def add_options(parser: argparse.ArgumentParser) -> None:
    """The bags, and how to cut them: an option for each of ConversionSettings."""
    parser.add_argument(
        "bags", type=Path, nargs="+", metavar="BAG", help="folder, .mcap or .db3 of a recording"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="of the episodes")
    _text(parser, "image_topic", "of the camera's pictures, under a namespace too")
    _text(parser, "state_topic", "of the end effector's state, likewise")
    _text(parser, "camera", "name of the video, as of a camera's serial number")
    parser.add_argument(
        "--fps", type=positive, metavar="N", help="of the episodes (default: the camera's own)"
    )
    _seconds(parser, "min_seconds", "skip episodes that are shorter")
    _seconds(parser, "max_seconds", "cut longer ones evenly; each is held in memory once")
    _seconds(parser, "max_gap", "a longer pause between pictures ends an episode")
    _seconds(parser, "max_state_gap", "drop pictures between states further apart")


def convert(options: argparse.Namespace) -> int:
    """Convert all bags; FAULT if one failed or nothing was written."""
    # Imported here: reading bags needs packages that an index does without.
    from vjepa2_data.rosbag_conversion import convert_bag

    names = [field.name for field in fields(ConversionSettings)]
    settings = ConversionSettings(**{name: getattr(options, name) for name in names})
    console = Console(highlight=False, markup=False)
    faults = Console(highlight=False, markup=False, stderr=True, style="red")
    written = failed = 0
    for bag in options.bags:
        try:
            conversion = convert_bag(bag, options.out, settings)
        except (ValueError, OSError) as fault:
            faults.print(f"{bag}: {fault}", soft_wrap=True)
            failed += 1
        else:
            show_conversion(f"{bag}", conversion, console)
            written += len(conversion.episodes)
    outcome = f"{failed} of {len(options.bags)} bags failed"
    console.print(f"{written} episodes written to {options.out}; {outcome}", soft_wrap=True)
    return FAULT if failed or not written else 0


def _text(parser: argparse.ArgumentParser, name: str, about: str) -> None:
    _add(parser, name, f"{about} (default: %(default)s)", type=str)


def _seconds(parser: argparse.ArgumentParser, name: str, about: str) -> None:
    _add(parser, name, f"{about} (default: %(default)g)", type=positive, metavar="S")


def _add(parser: argparse.ArgumentParser, name: str, about: str, **how: Any) -> None:
    option = "--" + name.replace("_", "-")
    parser.add_argument(option, default=getattr(DEFAULTS, name), help=about, **how)
