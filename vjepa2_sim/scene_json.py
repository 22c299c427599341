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


def objects_from_json(listed: list[dict[str, Any]] | None) -> tuple[TableObject, ...] | None:
    """Objects from their fields, or None; raises TypeError for a name that they do not have."""
    return None if listed is None else tuple(TableObject(**_tuples(fields)) for fields in listed)


def scene_from_json(fields: dict[str, Any]) -> TableScene:
    """Scene from its fields, absent ones by default; raises TypeError for an unknown name."""
    parts = dict(fields)
    parts["objects"] = objects_from_json(parts.get("objects", [])) or ()
    parts["camera"] = camera_from_json(parts.get("camera", {}))
    return TableScene(**_tuples(parts))


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
