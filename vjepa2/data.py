"""`vjepa2 data`: look through a data set, or bring recordings into its layout."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from vjepa2.data_summary import show_index, show_skipped
from vjepa2_data import build_index, write_index
from vjepa2_data.index_builder import MIN_FRAMES
from vjepa2_data.index_file import not_empty

EXAMPLES = """examples:
  vjepa2 data index data/droid                  what is in it; writes data/droid/index.json
  vjepa2 data index data/droid --camera wrist   of the wrist camera
  vjepa2 data index data/droid --fps 15         as frames were taken; DROID's videos say 60
  vjepa2 data convert bags/monday --out data/lab    rosbag2 recordings to episodes
"""
INDEX_HELP = "check every episode, list the usable ones in DIR/index.json"
CONVERT_HELP = "turn rosbag2 recordings of this stack into episodes in DROID's raw layout"


def main(arguments: Sequence[str] | None = None) -> int | None:
    """Command line of the data library. EmptyIndexError if no episode is usable."""
    parser = argparse.ArgumentParser(
        prog="vjepa2 data",
        description="Episodes to train on, in DROID's raw layout or LeRobot's.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_index(commands.add_parser("index", help=INDEX_HELP, description=INDEX_HELP))
    _add_convert(commands.add_parser("convert", help=CONVERT_HELP, description=CONVERT_HELP))
    options = parser.parse_args(arguments)
    status: int | None = options.run(options)
    return status


def _add_index(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_index)
    parser.add_argument("folder", type=Path, metavar="DIR", help="searched to any depth")
    parser.add_argument(
        "--camera", default="left", help="left, right, wrist; LeRobot: any of its (default: left)"
    )
    parser.add_argument("--workers", type=_count, help="processes (default: as many as pay)")
    parser.add_argument(
        "--min-frames",
        type=_count,
        default=MIN_FRAMES,
        metavar="N",
        help="skip episodes with fewer frames at 4 fps (default: %(default)s)",
    )
    parser.add_argument(
        "--fps", type=_rate, help="frames per second (default: as each video says)"
    )


def _index(options: argparse.Namespace) -> None:
    index = build_index(
        options.folder, options.workers, options.camera, options.min_frames, options.fps
    )
    show_index(index, Console())
    write_index(not_empty(index))


def _add_convert(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_convert)
    parser.add_argument(
        "bags", type=Path, nargs="+", metavar="BAG", help="folder, .mcap or .db3 of a recording"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="of the episodes")
    parser.add_argument("--image-topic", help="of the camera's pictures")
    parser.add_argument("--state-topic", help="of the end effector's state")
    parser.add_argument("--fps", type=_rate, help="of the episodes (default: the camera's own)")


def _convert(options: argparse.Namespace) -> None:
    # Imported here: reading bags needs packages that an index does without.
    from vjepa2_data.rosbag_conversion import convert_bag
    from vjepa2_data.rosbag_settings import ConversionSettings

    names = ("image_topic", "state_topic", "fps")
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    settings = ConversionSettings(**given)
    console = Console()
    for bag in options.bags:
        conversion = convert_bag(bag, options.out, settings)
        console.print(
            f"{bag}: {len(conversion.episodes)} episodes of {conversion.fps:.3g} fps in "
            f"{options.out}",
            highlight=False,
        )
        for one in conversion.skipped:
            show_skipped(one.reason, [one], console)
        for message, count in conversion.dropped.items():
            console.print(f"dropped {count}: {message}", style="yellow", markup=False)


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is under 1")
    return value


def _rate(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no rate")
    return value
