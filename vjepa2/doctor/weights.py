"""The world model's weights."""

from __future__ import annotations

from pathlib import Path

from vjepa2.doctor.finding import Finding, missing, ok
from vjepa2.doctor.host import Host


def check(host: Host) -> Finding:
    """Whether the checkpoint loads, and how large it is; nothing in it is ever run."""
    from vjepa2.weights_inspect import inspect_file
    from vjepa2_models import bundled_checkpoint
    from vjepa2_models.checkpoint import CheckpointError

    given = host.world_model != "bundled"
    try:
        path = Path(host.world_model) if given else bundled_checkpoint()
        held = inspect_file(path)
    except (FileNotFoundError, CheckpointError) as error:
        return missing(
            "weights",
            str(error),
            "check the path, or `vjepa2 weights fetch --help` lists released ones",
        )
    parameters = sum(entry.parameters for entry in held.entries)
    size = f"{held.bytes / 1e6:.0f} MB, {parameters / 1e6:.1f} M parameters"
    found = f"{host.world_model}: {size}, usable as {', '.join(held.usable_as) or 'nothing'}"
    if "world model" in held.usable_as:
        return ok("weights", found)
    notes = "; ".join(held.notes)
    return missing(
        "weights", f"{found}; {notes}", "`vjepa2 weights inspect` says more; name a world model"
    )
