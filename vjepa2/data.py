"""`vjepa2 data`: look through a data set, or bring recordings into its layout."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from vjepa2 import data_convert
from vjepa2.data_summary import show_index
from vjepa2.option_types import count, positive
from vjepa2_data import build_index, write_index
from vjepa2_data.index_builder import MIN_FRAMES
from vjepa2_data.index_file import not_empty

EXAMPLES = """examples:
  vjepa2 data index data/droid --fps 15         what is in it; writes data/droid/index.json
  vjepa2 data convert bags/monday --out data/lab    rosbag2 recordings to episodes
"""
INDEX_ABOUT = "check every episode, list the usable ones in DIR/index.json"
INDEX_EXAMPLES = """examples:
  vjepa2 data index data/lab                    at the rates that the videos' headers name
  vjepa2 data index data/droid --fps 15         DROID, at its true rate
  vjepa2 data index data/droid --fps 15 --camera wrist

DROID's raw MP4 files say 60 frames per second, but were taken at 15. Without --fps 15 a clip at
4 frames per second takes every 15th frame, one a second, as the official training did; with it
every 4th. One --fps is for all videos under DIR: index DROID apart from other data.
"""


def main(arguments: Sequence[str] | None = None) -> int | None:
    """Command line of the data library. EmptyIndexError if no episode is usable."""
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="vjepa2 data",
        description="Episodes to train on, in DROID's raw layout or LeRobot's.",
        epilog=EXAMPLES,
        formatter_class=layout,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    index = commands.add_parser(
        "index",
        help=INDEX_ABOUT,
        description=INDEX_ABOUT,
        epilog=INDEX_EXAMPLES,
        formatter_class=layout,
    )
    index.set_defaults(run=_index)
    _add_index_options(index)
    convert = commands.add_parser(
        "convert",
        help=data_convert.ABOUT,
        description=data_convert.ABOUT,
        epilog=data_convert.EXAMPLES,
        formatter_class=layout,
    )
    convert.set_defaults(run=data_convert.convert)
    data_convert.add_options(convert)
    options = parser.parse_args(arguments)
    status: int | None = options.run(options)
    return status


def _add_index_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="searched to any depth")
    parser.add_argument(
        "--camera",
        default="left",
        help="left, right, wrist; LeRobot: any of its (default: %(default)s)",
    )
    parser.add_argument("--workers", type=count, help="processes (default: as many as pay)")
    parser.add_argument(
        "--min-frames",
        type=count,
        default=MIN_FRAMES,
        metavar="N",
        help="skip episodes with fewer frames at 4 fps (default: %(default)s)",
    )
    parser.add_argument(
        "--fps",
        type=positive,
        metavar="N",
        help="true frames per second of the videos; 15 for DROID (default: as each header says)",
    )


def _index(options: argparse.Namespace) -> None:
    index = build_index(
        options.folder, options.workers, options.camera, options.min_frames, options.fps
    )
    show_index(index, Console())
    write_index(not_empty(index))
