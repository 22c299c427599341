"""Scenes from JSON, the counterpart of `dataclasses.asdict`."""

from __future__ import annotations

from typing import Any

from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.scene import Lighting, TableObject, TableScene


def camera_from_json(fields: dict[str, Any]) -> CameraPlacement:
    """Camera placement from its fields; raises TypeError for a name that it does not have."""
    return CameraPlacement(**_tuples(fields))


def lighting_from_json(fields: dict[str, Any]) -> Lighting:
    """Lighting from its fields; raises TypeError for a name that it does not have."""
    return Lighting(**_tuples(fields))


def scene_from_json(fields: dict[str, Any]) -> TableScene:
    """Scene from its fields, absent ones by default; raises TypeError for an unknown name."""
    parts = dict(fields)
    parts["objects"] = tuple(TableObject(**_tuples(o)) for o in parts.get("objects", ()))
    parts["camera"] = camera_from_json(parts.get("camera", {}))
    return TableScene(**_tuples(parts))


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
