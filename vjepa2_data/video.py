"""Frames of a video by exact index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import av
import numpy as np
from numpy.typing import NDArray

from vjepa2_data.broken_episode import BrokenEpisodeError


class Video:
    """An open video file; frame i is the i-th that a player would show.

    Right also with B-frames, edit lists, key frames anywhere and an uneven frame rate. A read
    seeks to the key frame before a frame and decodes on from there, but leaps over every group
    of pictures that holds none of the frames. BrokenEpisodeError names the file and what is wrong
    with it: it has gone, its header is missing, its end is cut off or its pictures change in size.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise BrokenEpisodeError("video is missing", str(path))
        try:
            self._container = av.open(path)
        except av.FFmpegError as fault:
            raise BrokenEpisodeError("video can't be opened", _what(path, fault)) from fault
        try:
            streams = self._container.streams.video
            if not streams or streams[0].codec_context is None:
                raise BrokenEpisodeError("video can't be opened", f"{path}: no pictures in it")
            self._stream = streams[0]
            # Training reads with many processes; threads would only add their start-up.
            self._stream.codec_context.thread_type = "NONE"
            self._stream.codec_context.thread_count = 1
            self._times, self._keys, self._seeks = self._timetable()
        except BaseException:
            self.close()
            raise

    def __len__(self) -> int:
        return len(self._times)

    @property
    def fps(self) -> float:
        """Frames per second as the header has it (not always as they were taken)."""
        rate = self._stream.average_rate
        if not rate:
            raise BrokenEpisodeError("video has no frame rate", str(self.path))
        return float(rate)

    def read(self, frames: Sequence[int]) -> NDArray[np.uint8]:
        """The frames [T,H,W,3] RGB of these indices, which must ascend strictly."""
        wanted = np.asarray(frames, dtype=np.int64)
        if wanted.ndim != 1 or not wanted.size or (np.diff(wanted) <= 0).any():
            raise ValueError(f"frames must be indices that ascend strictly, not {frames}")
        if wanted[0] < 0 or wanted[-1] >= len(self):
            absent = wanted[0] if wanted[0] < 0 else wanted[-1]
            raise IndexError(f"{self.path} has {len(self)} frames, none of index {absent}")
        try:
            pictures = [*self._pictures(wanted)]
        except av.FFmpegError as fault:
            raise BrokenEpisodeError("video can't be decoded", _what(self.path, fault)) from fault
        if len({picture.shape for picture in pictures}) > 1:
            raise BrokenEpisodeError("video changes its size", str(self.path))
        return np.stack(pictures)

    def close(self) -> None:
        self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _pictures(self, wanted: NDArray[np.int64]) -> Iterator[NDArray[np.uint8]]:
        shown = -2  # index of the frame that was decoded last
        decoded: Iterator[av.VideoFrame] = iter(())
        for index in wanted:
            group = int(np.searchsorted(self._keys, index, side="right")) - 1
            if self._keys[group] > shown + 1:
                self._container.seek(int(self._seeks[group]), stream=self._stream)
                decoded = self._container.decode(self._stream)
            time = self._times[index]
            frame = next((f for f in decoded if f.pts is not None and f.pts >= time), None)
            if frame is None or frame.pts != time or frame.is_corrupt:
                raise BrokenEpisodeError("video can't be decoded", f"{self.path}, frame {index}")
            shown = int(index)
            yield np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)

    def _timetable(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Times of all frames, indices of the key frames, and times to seek them by.

        From the header alone where that will do, so that a long video opens at once.
        """
        entries = [*self._stream.index_entries]
        size = self.path.stat().st_size
        if any(entry.pos + entry.size > size for entry in entries):
            raise BrokenEpisodeError("video is truncated", f"{self.path} ends after {size} bytes")
        listed = bool(entries) and len(entries) == self._stream.frames
        if self._stream.codec_context.has_b_frames or not listed:
            # Decoding order is not showing order, or the header does not list all frames.
            return self._read_timetable()
        entries = [entry for entry in entries if not entry.is_discard]
        times = np.array([entry.timestamp for entry in entries], dtype=np.int64)
        keys = np.flatnonzero([entry.is_keyframe for entry in entries])
        return self._checked(times, keys, times[keys])

    def _read_timetable(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The same from the packets themselves, without decoding them."""
        try:
            packets = [
                packet
                for packet in self._container.demux(self._stream)
                if packet.pts is not None and not packet.is_discard
            ]
        except av.FFmpegError as fault:
            raise BrokenEpisodeError("video is truncated", _what(self.path, fault)) from fault
        if any(packet.is_corrupt for packet in packets):
            raise BrokenEpisodeError("video is truncated", str(self.path))
        times = np.sort(np.array([packet.pts for packet in packets], dtype=np.int64))
        groups = sorted(
            (packet.pts, packet.pts if packet.dts is None else packet.dts)
            for packet in packets
            if packet.is_keyframe and packet.pts is not None
        )
        shown, seeks = np.array(groups, dtype=np.int64).reshape(-1, 2).T
        return self._checked(times, np.searchsorted(times, shown), seeks)

    def _checked(
        self, times: NDArray[np.int64], keys: NDArray[np.int64], seeks: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        if not times.size:
            raise BrokenEpisodeError("video has no pictures", str(self.path))
        if not keys.size or keys[0] > 0:
            raise BrokenEpisodeError("video does not start with a key frame", str(self.path))
        return times, keys, seeks


def _what(path: Path, fault: av.FFmpegError) -> str:
    return f"{path}: {fault.strerror}"
