"""Short hashes that change whenever what they stand for does."""

import hashlib
import json
from typing import Any

from torch import nn

from vjepa2_data import Index


def of_values(*values: Any) -> str:
    """Of plain values that JSON can hold."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def of_weights(module: nn.Module) -> str:
    """Of a network's names and weights."""
    digest = hashlib.sha256()
    for name, weight in sorted(module.state_dict().items()):
        digest.update(f"{name} {list(weight.shape)}".encode())
        digest.update(weight.detach().cpu().float().numpy().tobytes())
    return digest.hexdigest()[:16]


def of_index(index: Index) -> str:
    """Of the episodes and the sizes of their files; wherever the data set lies."""
    episodes = [(e.name, e.path, e.frames, e.fps, e.camera) for e in index.episodes]
    folders = sorted({episode.path for episode in index.episodes})
    files = [
        (str(file.relative_to(index.root)), file.stat().st_size)
        for folder in folders
        for file in sorted((index.root / folder).rglob("*"))
        if file.is_file() and file != index.root / "index.json"
    ]
    return of_values(episodes, files)
