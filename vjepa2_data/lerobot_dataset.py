"""Where the episodes of a LeRobot data set lie (huggingface/lerobot, formats v2.0 to v3.0)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pyarrow import ArrowException

from vjepa2_data.broken_episode import BrokenEpisodeError
from vjepa2_data.inside import inside
from vjepa2_data.lerobot_features import (
    Entries,
    Features,
    camera_feature,
    extrinsics_feature,
    state_entries,
)

INFO = Path("meta", "info.json")
_EPISODES_V2 = Path("meta", "episodes.jsonl")
_EPISODES_V3 = Path("meta", "episodes")


@dataclass(frozen=True)
class StoredEpisode:
    """Where an episode is: its rows in the table `data`, its pictures in `video` from `start` [s].

    In v2 both files are its own; in v3 it shares them.
    """

    number: int
    length: int
    data: Path
    video: Path
    start: float


@dataclass(frozen=True, eq=False)
class LeRobotDataset:
    """What a data set's `meta` folder says, for one camera. episodes: by number."""

    fps: float
    features: Features
    state: Entries
    camera: str
    extrinsics: str | None
    episodes: dict[int, StoredEpisode]


def read_dataset(folder: Path, camera: str = "left") -> LeRobotDataset:
    """The data set in a folder, with the video chosen by `camera` (see `camera_feature`).

    BrokenEpisodeError if it is of another format, or has no end-effector state or no such video.
    """
    try:
        info = json.loads((folder / INFO).read_text())
        features, fps = info["features"], float(info["fps"])
        if not fps > 0:
            raise ValueError(f"fps is {fps}")
        state, video = state_entries(features), camera_feature(features, camera)
        episodes = {episode.number: episode for episode in _episodes(folder, info, video)}
    except BrokenEpisodeError as fault:
        raise BrokenEpisodeError(fault.reason, f"{folder}: {fault.detail}") from fault
    except (OSError, ValueError, TypeError, AttributeError, LookupError, ArrowException) as fault:
        raise BrokenEpisodeError(
            "meta is not that of LeRobot v2.0 to v3.0",
            f"{folder}: {type(fault).__name__}: {fault}",
        ) from fault
    return LeRobotDataset(
        fps, features, state, video, extrinsics_feature(features, video), episodes
    )


def _episodes(folder: Path, info: dict[str, Any], video: str) -> Iterator[StoredEpisode]:
    # By what is there: data sets exist that say v3.0 and have the files of v2.1.
    if (folder / _EPISODES_V3).is_dir():
        return _episodes_v3(folder, info, video)
    if (folder / _EPISODES_V2).is_file():
        return _episodes_v2(folder, info, video)
    version = info.get("codebase_version", "unknown")
    raise BrokenEpisodeError(
        "meta is not that of LeRobot v2.0 to v3.0",
        f"it is {version}, and has neither {_EPISODES_V2} nor {_EPISODES_V3}",
    )


def _episodes_v2(folder: Path, info: dict[str, Any], video: str) -> Iterator[StoredEpisode]:
    for line in (folder / _EPISODES_V2).read_text().splitlines():
        if not line.strip():
            continue
        row = json.loads(line)
        number = int(row["episode_index"])
        place = {"episode_chunk": number // info["chunks_size"], "episode_index": number}
        yield StoredEpisode(
            number,
            int(row["length"]),
            inside(folder, info["data_path"].format(**place)),
            inside(folder, info["video_path"].format(video_key=video, **place)),
            start=0.0,
        )


def _episodes_v3(folder: Path, info: dict[str, Any], video: str) -> Iterator[StoredEpisode]:
    where = ["chunk_index", "file_index"]
    columns = [
        "episode_index",
        "length",
        *(f"data/{name}" for name in where),
        *(f"videos/{video}/{name}" for name in [*where, "from_timestamp"]),
    ]
    for path in sorted((folder / _EPISODES_V3).glob("*/*.parquet")):
        table = pq.read_table(path, columns=columns)
        for row in zip(*(table[name].to_pylist() for name in columns), strict=True):
            number, length, chunk, file, video_chunk, video_file, start = row
            yield StoredEpisode(
                int(number),
                int(length),
                inside(folder, info["data_path"].format(chunk_index=chunk, file_index=file)),
                inside(
                    folder,
                    info["video_path"].format(
                        video_key=video, chunk_index=video_chunk, file_index=video_file
                    ),
                ),
                float(start),
            )
