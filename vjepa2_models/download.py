"""Large files over HTTP: resumed where they were cut, checked, complete or not at all."""

import json
import shutil
import time
from dataclasses import asdict, dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from vjepa2_models.checksum import accept

CHUNK = 1 << 20
TIMEOUT_S = 30.0
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which another attempt may succeed."""
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class DownloadError(OSError):
    """A download that failed for good; the message names the address and the remedy."""


class CutConnectionError(ConnectionError):
    """The server sent less than it had announced."""


@dataclass(frozen=True)
class Origin:
    """Where the beginning of a partial file came from: only the same may continue it."""

    url: str
    validator: str


def download(
    url: str,
    target: Path,
    record: Path,
    sha256: str | None = None,
    beside: int = 0,
    attempts: int = 5,
    pause_s: float = 1.0,
) -> Path:
    """Downloads `url` to `target`.

    What has arrived is kept in `<target>.partial`; the next call goes on from there if the server
    can and its file is still the same (Range, If-Range).

    Args:
        url: https, or http on this machine.
        target: the file; its folder must exist.
        record: keeps the SHA-256 of what was downloaded.
        sha256: what the content must have; None: what was recorded at an earlier download.
        beside: bytes that the disk must have room for besides the download.
        attempts: in a row without progress.
        pause_s: before the second attempt; doubled before each further one.

    Raises:
        DownloadError: if the address can't be had, or the disk is too small.
        ChecksumError: on another content; see `checksum.accept`.
    """
    check_scheme(url)
    partial = target.with_name(target.name + ".partial")
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns) as progress:
        failed = 0
        while True:
            before = _size(partial)
            try:
                _transfer(url, partial, beside, progress)
                break
            except (URLError, HTTPException, TimeoutError, ConnectionError) as fault:
                if isinstance(fault, HTTPError) and fault.code not in PASSING:
                    raise DownloadError(f"{url}: {fault.code} {fault.reason}") from fault
                failed = 1 if _size(partial) > before else failed + 1
                if failed >= attempts:
                    raise DownloadError(
                        f"{url}: {fault}; gave up after {failed} attempts. What has arrived is "
                        "kept: the same command goes on from there"
                    ) from fault
                time.sleep(pause_s * 2 ** (failed - 1))
    _origin_path(partial).unlink(missing_ok=True)
    accept(partial, target, record, sha256)
    return target


def check_scheme(url: str) -> None:
    """Raises DownloadError unless the address is https, or http on this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOCAL):
        raise DownloadError(f"{url}: only https:// addresses are downloaded from")


def check_space(folder: Path, needed: int) -> None:
    """Raises DownloadError if the disk of `folder` has less than `needed` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DownloadError(
            f"{folder}: the disk needs {needed / 1e9:.2f} GB free, but has {free / 1e9:.2f} GB; "
            "make room, or choose another folder with --out"
        )


class _CheckedRedirects(HTTPRedirectHandler):
    """Refuses to be led from https to http."""

    def redirect_request(
        self, req: Request, fp: Any, code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        check_scheme(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _transfer(url: str, partial: Path, beside: int, progress: Progress) -> None:
    """One attempt at the whole, or at what is missing of it."""
    origin = _origin(partial, url)
    have = _size(partial) if origin else 0
    headers = {"User-Agent": "vjepa2", "Accept-Encoding": "identity"}
    if origin and have:
        headers |= {"Range": f"bytes={have}-", "If-Range": origin.validator}
    opener = build_opener(_CheckedRedirects)
    try:
        response: HTTPResponse = opener.open(Request(url, headers=headers), timeout=TIMEOUT_S)
    except HTTPError as fault:
        if fault.code != 416 or not have:
            raise
        if fault.headers.get("Content-Range") == f"bytes */{have}":
            return  # all of it is here
        partial.unlink()
        return _transfer(url, partial, beside, progress)
    with response:
        start = have if response.status == 206 else 0
        if start and not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            raise DownloadError(f"{url}: the server sent another range than was asked for")
        length = response.headers.get("Content-Length")
        total = None if length is None else start + int(length)
        check_space(partial.parent, (0 if total is None else total - start) + beside)
        _remember(partial, url, response.headers)
        task = progress.add_task(partial.stem, total=total, completed=start)
        try:
            with partial.open("ab" if start else "wb") as file:
                while chunk := response.read(CHUNK):
                    file.write(chunk)
                    progress.advance(task, len(chunk))
        finally:
            progress.remove_task(task)
    if total is not None and _size(partial) < total:
        raise CutConnectionError(f"the connection was cut after {_size(partial)} of {total} bytes")


def _remember(partial: Path, url: str, headers: HTTPMessage) -> None:
    """Keeps a validator for resuming; a weak one can't promise the same bytes."""
    etag = headers.get("ETag", "")
    validator = etag if etag and not etag.startswith("W/") else headers.get("Last-Modified")
    if validator:
        _origin_path(partial).write_text(json.dumps(asdict(Origin(url, validator))))
    else:
        _origin_path(partial).unlink(missing_ok=True)


def _origin(partial: Path, url: str) -> Origin | None:
    try:
        origin = Origin(**json.loads(_origin_path(partial).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return origin if origin.url == url else None


def _origin_path(partial: Path) -> Path:
    return partial.with_name(partial.name + ".json")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
