"""Settings from YAML: every key and every type is checked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from vjepa2_models.training.engine.settings_file import (
    SettingsError,
    as_mapping,
    differences,
    read_settings,
    write_settings,
)


@dataclass(frozen=True)
class Inner:
    rate: float = 0.1
    pair: tuple[int, int] = (1, 2)

    def __post_init__(self) -> None:
        if self.rate < 0:
            raise ValueError("rate must not be negative")


@dataclass(frozen=True)
class Outer:
    steps: int
    inner: Inner
    kind: Literal["mean", "last"] = "mean"
    many: tuple[Inner, ...] = ()
    limit: float | None = None
    on: bool = False
    weights: dict[str, float] | None = None


def test_everything_comes_back(tmp_path: Path) -> None:
    """A record that is written is read as it was."""
    settings = Outer(3, Inner(1e-3, (4, 5)), "last", (Inner(), Inner(0.2)), 2.0, True, {"a": 1.0})
    write_settings(settings, tmp_path / "s.yaml")
    assert read_settings(Outer, tmp_path / "s.yaml") == settings


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stepz": 1}, "unknown key 'stepz': did you mean 'steps'"),
        ({"inner": {"rat": 1}}, r"unknown key 'inner\.rat': did you mean 'rate'"),
        ({"inner": {"xyz": 1}}, "valid: rate, pair"),
        ({"steps": "many"}, "steps: must be int, not str 'many'"),
        ({"steps": True}, "steps: must be int, not bool"),
        ({"on": 1}, "on: must be bool"),
        ({"inner": {"pair": [1]}}, r"inner\.pair: must be"),
        ({"inner": {"pair": [1, "b"]}}, r"inner\.pair\[1\]: must be int"),
        ({"kind": "median"}, "kind: 'median'; choose from mean, last"),
        ({"inner": {"rate": -1}}, "inner: rate must not be negative"),
        ({"inner": 3}, "inner: must be keys with values"),
    ],
)
def test_faults_are_named(changes: dict[str, object], message: str) -> None:
    """The key and what it may be."""
    with pytest.raises(SettingsError, match=message):
        read_settings(Outer, {"steps": 1, "inner": {}, **changes})


def test_missing_keys_are_named() -> None:
    """All of them."""
    with pytest.raises(SettingsError, match="missing: steps, inner"):
        read_settings(Outer, {})


def test_overrides_win() -> None:
    """`key.sub=value`, checked like the file; 1e-3 is a number, whatever YAML says."""
    settings = read_settings(
        Outer, {"steps": 1, "inner": {}}, ["steps=4", "inner.rate=1e-3", "limit=null"]
    )
    assert settings == Outer(4, Inner(1e-3))
    with pytest.raises(SettingsError, match=r"'inner\.rite': did you mean 'rate'"):
        read_settings(Outer, {"steps": 1, "inner": {}}, ["inner.rite=1"])
    with pytest.raises(SettingsError, match="not of the form key=value"):
        read_settings(Outer, {"steps": 1, "inner": {}}, ["steps"])


def test_a_record_may_be_a_file_of_its_own(tmp_path: Path) -> None:
    """Its path is relative to the file that names it; overrides reach into it."""
    (tmp_path / "inner.json").write_text('{"rate": 0.5}')
    (tmp_path / "s.yaml").write_text("steps: 1\ninner: inner.json\n")
    assert read_settings(Outer, tmp_path / "s.yaml").inner == Inner(0.5)
    changed = read_settings(Outer, tmp_path / "s.yaml", ["inner.pair=[7, 8]"])
    assert changed.inner == Inner(0.5, (7, 8))
    (tmp_path / "s.yaml").write_text("steps: 1\ninner: gone.json\n")
    with pytest.raises(FileNotFoundError, match=r"inner: there is no file .*gone\.json"):
        read_settings(Outer, tmp_path / "s.yaml")


def test_files_that_are_not_settings(tmp_path: Path) -> None:
    """Not YAML, and YAML without keys."""
    (tmp_path / "s.yaml").write_text("a: [")
    with pytest.raises(SettingsError, match="not valid YAML"):
        read_settings(Outer, tmp_path / "s.yaml")
    (tmp_path / "s.yaml").write_text("- 1")
    with pytest.raises(SettingsError, match="holds a list"):
        read_settings(Outer, tmp_path / "s.yaml")


def test_differences_are_named() -> None:
    """With their full names."""
    ours = as_mapping(Outer(1, Inner()))
    theirs = as_mapping(Outer(2, Inner(0.3)))
    assert differences(ours, ours) == []
    assert differences(ours, theirs) == ["steps", "inner.rate"]
