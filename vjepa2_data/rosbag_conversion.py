"""From a rosbag2 recording of this stack to episodes in the DROID layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from glob import escape
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rosbags.highlevel import AnyReader

from vjepa2_data.broken_episode import BrokenEpisodeError
from vjepa2_data.droid_writer import write_episode
from vjepa2_data.index import Skipped
from vjepa2_data.recording import Recording
from vjepa2_data.rosbag_file import open_bag
from vjepa2_data.rosbag_frames import read_frames
from vjepa2_data.rosbag_scan import scan
from vjepa2_data.rosbag_settings import ConversionSettings
from vjepa2_data.rosbag_states import interpolate
from vjepa2_data.rosbag_stretches import Stretch, frame_rate, span, stretches
from vjepa2_data.rosbag_timing import NANOSECONDS, at_constant_rate


@dataclass(frozen=True)
class Conversion:
    """What became of a bag: folders written, stretches skipped, single messages dropped."""

    episodes: tuple[Path, ...]
    skipped: tuple[Skipped, ...]
    dropped: Mapping[str, int]
    fps: float


def convert_bag(bag: Path, out: Path, settings: ConversionSettings | None = None) -> Conversion:
    """Write the episodes of a bag (folder, .mcap or .db3) to `out`/<bag>_000, _001 and so on.

    Every picture carries the state of the arm at its own capture stamp. BagError if nothing can be
    read from the bag at all, FileExistsError if episodes of a bag of this name are there already.
    """
    settings = settings or ConversionSettings()
    name = bag.name if bag.is_dir() else bag.stem
    if taken := next(out.glob(f"{escape(name)}_[0-9][0-9][0-9]"), None):
        raise FileExistsError(f"{taken} is there already; remove it or choose another folder")
    episodes: list[Path] = []
    skipped: list[Skipped] = []
    with open_bag(bag) as reader:
        sessions, dropped = scan(reader, settings.image_topic, settings.state_topic)
        fps = frame_rate(sessions, settings)
        found = list(stretches(sessions, settings, dropped))
        for stretch in track(
            found, "writing episodes", console=Console(stderr=True), transient=True
        ):
            folder = out / f"{name}_{len(episodes):03d}"
            try:
                if stretch.seconds < settings.min_seconds:
                    raise BrokenEpisodeError(
                        f"shorter than {settings.min_seconds:g} s", f"{stretch.seconds:.2f} s"
                    )
                write_episode(_recording(reader, name, stretch, fps, settings), folder)
                episodes.append(folder)
            except BrokenEpisodeError as fault:
                skipped.append(
                    Skipped(f"{name} {span(stretch.stamps)}", fault.reason, fault.detail)
                )
    return Conversion(tuple(episodes), tuple(skipped), dict(dropped), fps)


def _recording(
    reader: AnyReader, name: str, stretch: Stretch, fps: float, settings: ConversionSettings
) -> Recording:
    """The pictures of a stretch at a constant rate, each with the state at its capture."""
    chosen = at_constant_rate(stretch.stamps, fps)
    stamps, received = stretch.stamps[chosen], stretch.received[chosen]
    session = stretch.session
    return Recording(
        frames=read_frames(reader, settings.image_topic, stamps, received),
        states=interpolate(session.state_stamps, session.states, stamps),
        fps=fps,
        camera=settings.camera,
        metadata={
            "bag": name,
            "start": int(stamps[0]) / NANOSECONDS,
            "image_topic": settings.image_topic,
            "state_topic": settings.state_topic,
        },
    )
