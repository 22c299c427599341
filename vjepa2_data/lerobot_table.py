"""Rows of a LeRobot data set's parquet files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from vjepa2_data.broken_episode import BrokenEpisodeError
from vjepa2_data.lerobot_dataset import LeRobotDataset, StoredEpisode

_SUCCESS = "is_episode_successful"


@dataclass(frozen=True, eq=False)
class EpisodeRows:
    """states float32 [T,7], extrinsics float32 [T,6]; seconds float64 [T] from the start.

    None: unknown.
    """

    states: NDArray[np.float32]
    seconds: NDArray[np.float64]
    extrinsics: NDArray[np.float32] | None
    success: bool | None


def read_table(dataset: LeRobotDataset, path: Path, number: int | None = None) -> pa.Table:
    """The columns that matter of a parquet file: all rows, or those of one episode.

    BrokenEpisodeError if it has gone, is damaged or lacks one.
    """
    columns = ["episode_index", "timestamp", *(name for name, _ in dataset.state)]
    columns += [dataset.extrinsics] if dataset.extrinsics else []
    columns += [_SUCCESS] if _SUCCESS in dataset.features else []
    if not path.is_file():
        raise BrokenEpisodeError("table is missing", str(path))
    chosen = None if number is None else [("episode_index", "==", number)]
    try:
        if missing := sorted(set(columns) - set(pq.read_schema(path).names)):
            raise BrokenEpisodeError("table lacks a column", f"{path}: {', '.join(missing)}")
        # No partitions: pyarrow would take `a=b` in the names of folders above for columns.
        return pq.read_table(path, columns=columns, filters=chosen, partitioning=None)
    except (pa.ArrowException, OSError) as fault:
        raise BrokenEpisodeError("table can't be read", f"{path}: {fault}") from fault


def rows_of(dataset: LeRobotDataset, table: pa.Table, episode: StoredEpisode) -> EpisodeRows:
    """An episode's rows from a table that holds them. BrokenEpisodeError if they can't be used."""
    where = f"{episode.data}, episode {episode.number}"
    table = table.filter(pc.equal(table["episode_index"], episode.number))
    if table.num_rows != episode.length or not episode.length:
        raise BrokenEpisodeError(
            "number of states differs from the episode's length",
            f"{where}: {table.num_rows} rows, length {episode.length}",
        )
    try:
        parts = [_numbers(table[name])[:, list(entries)] for name, entries in dataset.state]
        seconds = _numbers(table["timestamp"])[:, 0]
        extrinsics = _extrinsics(dataset, table)
    except (ValueError, IndexError, TypeError, pa.ArrowException) as fault:
        raise BrokenEpisodeError("states have a wrong shape", f"{where}: {fault}") from fault
    states = np.concatenate(parts, axis=1)
    _check(states, seconds, where)
    return EpisodeRows(
        states.astype(np.float32),
        seconds,
        extrinsics,
        _success(table),
    )


def _check(states: NDArray[np.float64], seconds: NDArray[np.float64], where: str) -> None:
    if not (np.isfinite(states).all() and np.isfinite(seconds).all()):
        row = int(np.flatnonzero(~np.isfinite(np.c_[states, seconds]).all(axis=1))[0])
        raise BrokenEpisodeError("states are not finite", f"{where}, row {row}")
    low, high = states[:, 6].min(), states[:, 6].max()
    # A little over is a gripper's calibration, more is another unit.
    if low < -0.05 or high > 1.05:
        raise BrokenEpisodeError(
            "gripper is not between 0 (open) and 1 (closed)", f"{where}: {low:g} to {high:g}"
        )
    if (np.diff(seconds) <= 0).any():
        raise BrokenEpisodeError("timestamps do not ascend", where)


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """A column [T,n] of numbers or of lists of n numbers."""
    array = column.combine_chunks()
    if pa.types.is_primitive(array.type):
        flat = array
    else:
        flat = array.flatten()
        if pc.count_distinct(pc.list_value_length(array)).as_py() != 1:
            raise ValueError("lists of different lengths in a column")
    if array.null_count or flat.null_count:
        raise ValueError("holes in a column")
    values: NDArray[np.float64] = flat.to_numpy(zero_copy_only=False).astype(np.float64)
    return values.reshape(len(array), -1)


def _extrinsics(dataset: LeRobotDataset, table: pa.Table) -> NDArray[np.float32] | None:
    if dataset.extrinsics is None:
        return None
    poses = _numbers(table[dataset.extrinsics]).astype(np.float32)
    return poses if np.isfinite(poses).all() else None


def _success(table: pa.Table) -> bool | None:
    if _SUCCESS not in table.column_names:
        return None
    value = table[_SUCCESS][-1].as_py()
    value = value[0] if isinstance(value, list) and value else value
    return value if isinstance(value, bool) else None
