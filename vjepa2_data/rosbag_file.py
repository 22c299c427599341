"""A bag on disk: its messages, and clear words where it is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rosbags.highlevel import AnyReader
from rosbags.interfaces import Connection

from vjepa2_data.rosbag_timing import NANOSECONDS
from vjepa2_data.rosbag_topics import BagError


@contextmanager
def open_bag(bag: Path) -> Iterator[AnyReader]:
    """A bag: its folder, or one file of it. BagError if it is damaged.

    A folder that lost its metadata.yaml is read file by file.
    """
    if not bag.exists():
        raise BagError(f"{bag} does not exist")
    paths = [bag]
    if bag.is_dir() and not (bag / "metadata.yaml").exists():
        paths = sorted(path for path in bag.iterdir() if path.suffix in (".mcap", ".db3"))
    if not paths:
        raise BagError(f"{bag} holds no metadata.yaml, .mcap or .db3: it is no rosbag2 recording")
    with _damage_named(bag):
        reader = AnyReader(paths)
        reader.open()
    try:
        yield reader
    finally:
        reader.close()


def messages(
    reader: AnyReader, chosen: list[Connection], start: int | None = None, stop: int | None = None
) -> Iterator[tuple[Connection, int, Any]]:
    """Messages of the chosen connections, by time of receipt [ns]. BagError for a damaged bag."""
    with _damage_named(reader.paths[0]):
        for connection, received, raw in reader.messages(chosen, start, stop):
            yield connection, received, reader.deserialize(raw, connection.msgtype)


def stamp_of(message: Any) -> int:
    """Its header's stamp [ns]."""
    return int(message.header.stamp.sec) * NANOSECONDS + int(message.header.stamp.nanosec)


@contextmanager
def _damage_named(bag: object) -> Iterator[None]:
    try:
        yield
    except BagError:
        raise
    except Exception as error:
        # The readers of a storage raise whatever its damaged bytes lead to.
        raise BagError(
            f"{bag} can't be read ({error or type(error).__name__}); if its recorder was killed, "
            "`mcap recover FILE -o NEW` rescues an mcap file"
        ) from error
