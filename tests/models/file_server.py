"""A real HTTP server on this machine, which can misbehave as told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class FileServer:
    """Serves `files` by path.

    cuts: how many bytes of each following answer get through before the connection is cut; None
        lets all through. ranges: whether Range is obeyed. failures: statuses of the next answers.
        announced: whether the length is. redirect: where every request is sent on.
        requests: headers of all requests so far.
    """

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    cuts: list[int | None] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)
    ranges: bool = True
    etags: bool = True
    announced: bool = True
    redirect: str | None = None
    requests: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def running_server() -> Iterator[FileServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, body: bool) -> None:
            plan.requests.append({"method": self.command, "path": self.path, **self.headers})
            if plan.failures:
                return self.send_error(plan.failures.pop(0))
            if plan.redirect:
                self.send_response(302)
                self.send_header("Location", plan.redirect)
                return self.end_headers()
            if self.path not in plan.files:
                return self.send_error(404)
            content = plan.files[self.path]
            etag = f'"{sha256(content).hexdigest()}"'
            start = self._start(etag)
            if start >= len(content) > 0:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(content)}")
                self.send_header("Content-Length", "0")
                return self.end_headers()
            self.send_response(206 if start else 200)
            if start:
                self.send_header(
                    "Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}"
                )
            if plan.announced:
                self.send_header("Content-Length", str(len(content) - start))
            if plan.etags:
                self.send_header("ETag", etag)
            self.send_header("X-Repo-Commit", "0" * 40)  # what huggingface_hub asks for
            self.end_headers()
            if body:
                cut = plan.cuts.pop(0) if plan.cuts else None
                self.wfile.write(content[start:] if cut is None else content[start:][:cut])

        def _start(self, etag: str) -> int:
            asked = self.headers.get("Range")
            if not asked or not plan.ranges or self.headers.get("If-Range", etag) != etag:
                return 0
            return int(asked.removeprefix("bytes=").partition("-")[0])

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    plan = FileServer(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield plan
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
