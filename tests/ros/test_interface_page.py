"""The page of interfaces."""

from __future__ import annotations

from pathlib import Path

import pytest

from vjepa2_bringup.interface_page import KINDS, interface_files, interface_page, undocumented

PAGE = Path(__file__).parents[2] / "docs" / "interfaces.md"
FILES = [file for kind in KINDS for file in interface_files(kind)]


def test_the_page_is_up_to_date() -> None:
    """What people read is what the interfaces are."""
    assert PAGE.read_text(encoding="utf-8") == interface_page()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_each_interface_is_documented(file: Path) -> None:
    """What it is for, and what its numbers mean."""
    assert list(undocumented(file)) == []


def test_what_is_not_documented_is_found(tmp_path: Path) -> None:
    """No purpose; a number without a word."""
    file = tmp_path / "Bare.msg"
    file.write_text(
        "float64 energy\nfloat64 time   # [s]\n\n# Of the arm.\nfloat64 x\nfloat64 y\n"
    )
    purpose, energy = undocumented(file)
    assert "what it is for" in purpose
    assert energy == "Bare.msg: energy has no unit and no meaning"
