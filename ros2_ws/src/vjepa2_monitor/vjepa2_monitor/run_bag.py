"""One recording on disk: a rosbag2 folder with one MCAP file."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from rosbags.interfaces import Connection
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

from vjepa2_monitor.disk_space import MEGABYTE, Limits, check_folder, check_free
from vjepa2_monitor.message_types import register, typestore
from vjepa2_monitor.record_code import RecordCode, RecordError

LOOK_EVERY = 1.0
"""Seconds between two looks at the free space."""


class RunBag:
    """Open from construction to `close`. Raises RecordError, or what the file system raises.

    folder: gets a new folder named after the time. about: is kept in its metadata.
    """

    def __init__(self, folder: Path, limits: Limits, about: Mapping[str, str]) -> None:
        check_folder(folder, limits)
        self.path = _new_path(folder)
        self.written = 0
        self._limits = limits
        self._looked = time.monotonic()
        self._connections: dict[str, Connection] = {}
        self._writer = Writer(self.path, version=9, storage_plugin=StoragePlugin.MCAP)
        self._writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
        for key, value in about.items():
            self._writer.set_custom_data(key, value)
        self._writer.open()

    def write(self, topic: str, kind: type[Any], stamp: int, data: bytes) -> None:
        """A message of `kind` as CDR, received at `stamp` [ns, ROS clock]."""
        if self.written + len(data) > self._limits.run * MEGABYTE:
            raise RecordError(
                RecordCode.RUN_FULL,
                f"{self.path} has reached run_limit, {self._limits.run:g} MB: it ends here; raise "
                "run_limit for longer ones",
            )
        if time.monotonic() - self._looked > LOOK_EVERY:
            self._looked = time.monotonic()
            check_free(self.path, self._limits)
        if topic not in self._connections:
            name = register(kind)
            self._connections[topic] = self._writer.add_connection(
                topic, name, typestore=typestore()
            )
        self._writer.write(self._connections[topic], stamp, data)
        self.written += len(data)

    def close(self) -> None:
        """Write index and metadata."""
        try:
            self._writer.close()
        except BaseException:
            self.abort()
            raise

    def abort(self) -> None:
        """Let go of the file as it is: what could be written stays."""
        with suppress(Exception):
            self._writer.abort()


def _new_path(folder: Path) -> Path:
    name = datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    names = (name if attempt == 1 else f"{name}_{attempt}" for attempt in count(1))
    return next(folder / name for name in names if not (folder / name).exists())
