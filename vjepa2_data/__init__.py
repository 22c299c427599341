"""Episodes of robot motion on disk: reading, writing and indexing them. No torch, no ROS.

Import from here: `from vjepa2_data import read_index, open_episode, write_episode`.
"""

from vjepa2_data.broken_episode import BrokenEpisodeError
from vjepa2_data.clip import Clip
from vjepa2_data.droid_writer import write_episode
from vjepa2_data.episode_reader import EpisodeReader, open_episode, stride
from vjepa2_data.index import Index, IndexedEpisode, Skipped
from vjepa2_data.index_builder import build_index
from vjepa2_data.index_file import EmptyIndexError, read_index, write_index
from vjepa2_data.recording import Recording

__all__ = [
    "BrokenEpisodeError",
    "Clip",
    "EmptyIndexError",
    "EpisodeReader",
    "Index",
    "IndexedEpisode",
    "Recording",
    "Skipped",
    "build_index",
    "open_episode",
    "read_index",
    "stride",
    "write_episode",
    "write_index",
]
