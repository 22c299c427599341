"""Downloads from a real server on this machine, which misbehaves in the ways of real ones."""

import shutil
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.models.file_server import FileServer, running_server
from vjepa2_models.checksum import ChecksumError
from vjepa2_models.download import DownloadError, download

CONTENT = bytes(range(256)) * 4096
OTHER = CONTENT[::-1]
Fetch = Callable[..., Path]


@pytest.fixture
def server() -> Iterator[FileServer]:
    with running_server() as server:
        server.files["/model.pt"] = CONTENT
        yield server


@pytest.fixture
def fetch(server: FileServer, tmp_path: Path) -> Fetch:
    def fetch(path: str = "/model.pt", **options: object) -> Path:
        return download(
            server.url + path,
            tmp_path / "model.pt",
            tmp_path / "model.pt.sha256",
            **{"pause_s": 0.0, **options},  # type: ignore[arg-type]
        )

    return fetch


def starts(server: FileServer) -> list[str | None]:
    return [request.get("Range") for request in server.requests]


def test_file_and_record(fetch: Fetch, tmp_path: Path) -> None:
    """The file is there, its checksum beside it, and nothing else."""
    assert fetch().read_bytes() == CONTENT
    digest = sha256(CONTENT).hexdigest()
    assert (tmp_path / "model.pt.sha256").read_text() == f"{digest}  model.pt\n"
    assert {p.name for p in tmp_path.iterdir()} == {"model.pt", "model.pt.sha256"}


def test_cut_connection_is_resumed(server: FileServer, fetch: Fetch) -> None:
    """Each further attempt asks for what is missing only."""
    server.cuts = [300_000, 200_000, None]
    assert fetch().read_bytes() == CONTENT
    assert starts(server) == [None, "bytes=300000-", "bytes=500000-"]


def test_later_call_resumes(server: FileServer, fetch: Fetch, tmp_path: Path) -> None:
    """What an earlier call left is gone on with."""
    server.cuts = [300_000, None]
    with pytest.raises(DownloadError, match=r"cut after 300000 of 1048576.*goes on from there"):
        fetch(attempts=1)
    assert (tmp_path / "model.pt.partial").stat().st_size == 300_000
    assert fetch().read_bytes() == CONTENT
    assert starts(server) == [None, "bytes=300000-"]


def test_whole_partial_is_not_downloaded_again(
    server: FileServer, fetch: Fetch, tmp_path: Path
) -> None:
    """All bytes had come when the first call ended, before it could say so."""
    server.cuts = [300_000]
    with pytest.raises(DownloadError):
        fetch(attempts=1)
    (tmp_path / "model.pt.partial").write_bytes(CONTENT)
    assert fetch().read_bytes() == CONTENT
    assert starts(server)[-1] == f"bytes={len(CONTENT)}-"


def test_changed_file_starts_anew(server: FileServer, fetch: Fetch) -> None:
    """Halves of two versions are never put together."""
    server.cuts = [300_000]
    with pytest.raises(DownloadError):
        fetch(attempts=1)
    server.files["/model.pt"] = OTHER
    assert fetch().read_bytes() == OTHER


def test_shorter_file_starts_anew(server: FileServer, fetch: Fetch) -> None:
    """The server's file ends before what is here; it answers 416 or the whole."""
    server.cuts = [300_000]
    with pytest.raises(DownloadError):
        fetch(attempts=1)
    server.files["/model.pt"] = OTHER[:1000]
    assert fetch().read_bytes() == OTHER[:1000]


def test_another_address_starts_anew(server: FileServer, fetch: Fetch) -> None:
    """A partial file belongs to its address."""
    server.cuts = [300_000]
    with pytest.raises(DownloadError):
        fetch(attempts=1)
    server.files["/other.pt"] = OTHER
    assert fetch("/other.pt").read_bytes() == OTHER
    assert starts(server) == [None, None]


@pytest.mark.parametrize("lacks", ["ranges", "etags"])
def test_server_that_cannot_resume(server: FileServer, fetch: Fetch, lacks: str) -> None:
    """Without ranges, or without a way to tell that the file is the same: from the start."""
    setattr(server, lacks, False)
    server.cuts = [300_000, None]
    assert fetch().read_bytes() == CONTENT


def test_length_not_announced(server: FileServer, fetch: Fetch) -> None:
    """The end of the connection is the end of the file."""
    server.announced = False
    assert fetch().read_bytes() == CONTENT


def test_truncated_for_good(server: FileServer, fetch: Fetch, tmp_path: Path) -> None:
    """A server that never sends the rest: an error after as many attempts, and no file."""
    server.cuts = [300_000] + [0] * 9
    with pytest.raises(DownloadError, match="gave up after 3 attempts"):
        fetch(attempts=3)
    assert not (tmp_path / "model.pt").exists()


def test_busy_server_is_asked_again(server: FileServer, fetch: Fetch) -> None:
    """503 may pass."""
    server.failures = [503, 503]
    assert fetch().read_bytes() == CONTENT


def test_missing_file(server: FileServer, fetch: Fetch) -> None:
    """404 won't pass: one attempt."""
    with pytest.raises(DownloadError, match=r"absent\.pt: 404"):
        fetch("/absent.pt")
    assert len(server.requests) == 1


def test_nobody_answers(tmp_path: Path) -> None:
    """A port without server."""
    with running_server() as gone:
        url = gone.url
    with pytest.raises(DownloadError, match="gave up after 2 attempts"):
        download(f"{url}/x.pt", tmp_path / "x.pt", tmp_path / "x", attempts=2, pause_s=0)


def test_wrong_checksum(fetch: Fetch, tmp_path: Path) -> None:
    """Refused, set aside under another name, and no record made."""
    with pytest.raises(ChecksumError, match=r"expected 0000.*kept as .*model\.pt\.refused"):
        fetch(sha256="0" * 64)
    assert {p.name for p in tmp_path.iterdir()} == {"model.pt.refused"}


def test_right_checksum_in_capitals(fetch: Fetch) -> None:
    """Hexadecimal digits may be of either case."""
    assert fetch(sha256=sha256(CONTENT).hexdigest().upper()).is_file()


def test_another_content_than_the_first_time(server: FileServer, fetch: Fetch) -> None:
    """The record of the first download is compared with, also after its file is gone."""
    fetch().unlink()
    server.files["/model.pt"] = OTHER
    with pytest.raises(ChecksumError, match="at the first download"):
        fetch()
    assert fetch(sha256=sha256(OTHER).hexdigest()).read_bytes() == OTHER


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_disk_too_small(fetch: Fetch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Said before the first byte is written, with what is needed and what there is."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 0, 2 * 10**6))
    with pytest.raises(DownloadError, match=r"needs 1\.00 GB free, but has 0\.00 GB.*--out"):
        fetch(beside=10**9)
    assert not (tmp_path / "model.pt.partial").exists()
    assert fetch(beside=0).is_file()


@pytest.mark.parametrize("url", ["http://example.org/x.pt", "ftp://h/x", "file:///etc/hosts"])
def test_only_https(url: str, tmp_path: Path) -> None:
    """Without encryption only from this machine."""
    with pytest.raises(DownloadError, match="only https"):
        download(url, tmp_path / "x", tmp_path / "y")


def test_redirect_to_http(server: FileServer, fetch: Fetch) -> None:
    """Nor may a server lead elsewhere without encryption."""
    server.redirect = "http://example.org/x.pt"
    with pytest.raises(DownloadError, match="only https"):
        fetch()
