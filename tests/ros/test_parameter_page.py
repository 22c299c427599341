"""The page of all parameters."""

from __future__ import annotations

from pathlib import Path

from vjepa2_bringup.parameter_page import NODES, parameter_page

PAGE = Path(__file__).parents[2] / "docs" / "parameters.md"


def test_the_page_is_up_to_date() -> None:
    """What people read is what the nodes declare."""
    assert PAGE.read_text(encoding="utf-8") == parameter_page()


def test_every_parameter_is_described_and_every_number_has_a_range() -> None:
    """No parameter without a word about it, none that takes any number."""
    for node, parameters in NODES.items():
        for parameter in parameters:
            where = f"{node}.{parameter.name}"
            assert len(parameter.description) > 8, where
            first = (
                parameter.default[0] if isinstance(parameter.default, list) else parameter.default
            )
            if isinstance(first, int | float) and not isinstance(first, bool):
                assert parameter.lower is not None, where
                assert parameter.upper is not None, where
