"""Settings as frozen dataclasses, read from YAML with every key and every type checked."""

import dataclasses
import difflib
import reprlib
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import yaml

T = TypeVar("T")


class SettingsError(ValueError):
    """A setting that can't be used; the message names it and what it may be."""


def read_settings(
    record: type[T], source: Path | str | Mapping[str, Any], overrides: Sequence[str] = ()
) -> T:
    """A record from a YAML file or a mapping.

    Nested dataclasses are nested mappings. Instead of one, the path of a YAML or JSON file that
    holds it may be given, relative to the file that names it.

    Args:
        record: a dataclass; its fields are the valid keys, their annotations the types.
        source: path of a YAML file, or the mapping itself.
        overrides: `key.sub=value`, the value as YAML; they win over the file.

    Raises:
        SettingsError: on an unknown key (with the nearest valid one), a missing one, a wrong type
            and a value that the record refuses, each with its full name.
        FileNotFoundError: if there is no such file.
    """
    if isinstance(source, Mapping):
        values, folder = dict(source), Path()
    else:
        values, folder = _read_yaml(Path(source)), Path(source).parent
    for override in overrides:
        _set(values, override, folder)
    settings: T = _record(record, values, "", folder)
    return settings


def as_mapping(settings: Any) -> dict[str, Any]:
    """Plain dicts, lists and scalars, from which `read_settings` gives the record back."""
    values: dict[str, Any] = _plain(dataclasses.asdict(settings))
    return values


def write_settings(settings: Any, path: Path) -> None:
    """Writes a record to a YAML file that `read_settings` reads, complete or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(yaml.safe_dump(as_mapping(settings), sort_keys=False))
    partial.replace(path)


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Full names of the keys whose values differ between two (nested) mappings."""
    names: list[str] = []
    for key in {**ours, **theirs}:
        left, right = ours.get(key), theirs.get(key)
        if isinstance(left, Mapping) and isinstance(right, Mapping):
            names += differences(left, right, f"{prefix}{key}.")
        elif left != right:
            names.append(f"{prefix}{key}")
    return names


def _read_yaml(path: Path) -> dict[str, Any]:
    text = path.read_bytes()
    try:
        values = yaml.safe_load(text)
    # Besides YAMLError: a date that is none is a ValueError, a deep nest a RecursionError, and
    # the reader of odd tags has errors of its own.
    except Exception as error:
        raise SettingsError(f"{path}: not valid YAML: {error}") from error
    if not isinstance(values, dict):
        raise SettingsError(f"{path}: holds a {_kind(values)}, not keys with values")
    return values


def _set(values: dict[str, Any], override: str, folder: Path) -> None:
    name, equals, text = override.partition("=")
    if not equals:
        raise SettingsError(f"'{override}' is not of the form key=value or key.sub=value")
    *parents, key = name.strip().split(".")
    for parent in parents:
        inner = values.setdefault(parent, {})
        if isinstance(inner, str):  # a file of its own
            inner = _read_yaml(folder / inner)
        if not isinstance(inner, dict):
            raise SettingsError(f"{name}: {parent} has no keys")
        values[parent] = dict(inner)
        values = values[parent]
    values[key] = yaml.safe_load(text)


def _record(record: type[Any], values: Any, where: str, folder: Path) -> Any:
    if isinstance(values, str):
        path = folder / values
        if not path.is_file():
            raise FileNotFoundError(f"{where}: there is no file {path}")
        values, folder = _read_yaml(path), path.parent
    if not isinstance(values, Mapping):
        raise SettingsError(f"{where or 'the settings'}: must be keys with values")
    prefix = where + "." if where else ""
    fields = {field.name: field for field in dataclasses.fields(record)}
    for key in values:
        if key not in fields:
            raise SettingsError(f"unknown key '{prefix}{key}'{_nearest(str(key), fields)}")
    types_ = get_type_hints(record)
    given = {
        key: _value(types_[key], value, prefix + key, folder) for key, value in values.items()
    }
    missing = [
        prefix + name
        for name, field in fields.items()
        if name not in given
        and field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise SettingsError(f"missing: {', '.join(missing)}")
    try:
        return record(**given)
    except ValueError as error:
        raise SettingsError(f"{where}: {error}" if where else str(error)) from error


def _value(kind: Any, value: Any, where: str, folder: Path) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if dataclasses.is_dataclass(kind):
        return _record(kind, value, where, folder)  # type: ignore[arg-type]
    if origin is Literal:
        if value in inner:
            return value
        raise SettingsError(f"{where}: {_shown(value)}; choose from {', '.join(map(str, inner))}")
    if origin in (Union, types.UnionType):
        if value is None and type(None) in inner:
            return None
        return _value(next(k for k in inner if k is not type(None)), value, where, folder)
    if origin is tuple and isinstance(value, list | tuple):
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else list(inner)
        if len(kinds) == len(value):
            return tuple(
                _value(k, v, f"{where}[{i}]", folder)
                for i, (k, v) in enumerate(zip(kinds, value, strict=True))
            )
    if origin in (dict, Mapping) and isinstance(value, dict):
        return {k: _value(inner[1], v, f"{where}.{k}", folder) for k, v in value.items()}
    if kind is float and not isinstance(value, bool):
        try:  # YAML 1.1 takes 1e-3 for text
            return float(value)
        except (TypeError, ValueError):
            pass
    # A bool is an int to Python, not to a person.
    if kind in (bool, int, str) and type(value) is kind:
        return value
    raise SettingsError(f"{where}: must be {_name(kind)}, not {_kind(value)} {_shown(value)}")


def _nearest(key: str, valid: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(key, valid, n=1, cutoff=0.5)
    return f": did you mean '{close[0]}'?" if close else f"; valid: {', '.join(valid)}"


def _name(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)


def _kind(value: Any) -> str:
    return type(value).__name__


def _shown(value: Any) -> str:
    """Short: of what aliases of YAML fold up, `repr` would have no end."""
    try:
        return reprlib.repr(value)
    except ValueError:  # whole numbers of many thousand digits have no text
        return f"this {_kind(value)}"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
