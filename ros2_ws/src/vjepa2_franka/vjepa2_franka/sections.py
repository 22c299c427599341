"""Parameters of one section, named after the fields of the class that they describe."""

from __future__ import annotations

from typing import Any

from vjepa2_node.parameters import Values


def section(values: Values, name: str) -> dict[str, Any]:
    """Values of the parameters `name.field`, by field; lists as tuples."""
    return {
        key.removeprefix(f"{name}."): tuple(value) if isinstance(value, list) else value
        for key, value in values.items()
        if key.startswith(f"{name}.")
    }
