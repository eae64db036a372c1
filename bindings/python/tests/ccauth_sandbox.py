"""The sandbox of `ccauth` for tests: one process for the session, as new for each test.

A test takes the fixture `sandbox` and finds five vendors on loopback over TLS. Everything is for testing
only: the credentials are public and the tokens open nothing.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import queue
import shutil
import ssl
import subprocess
import threading
import urllib.parse
from pathlib import Path
from typing import IO, Any, Iterator, Optional

import pytest

WORKSPACE = Path(__file__).resolve().parents[3]
"""The Cargo workspace that this file is part of."""

START_SECONDS = 10
"""How long the sandbox may take to start."""

ADMIN_SECONDS = 30
"""How long an admin call may take: more than the sandbox itself waits for requests."""

HINT = "build it with `cargo build -p ccauth-cli`, or name it in CCAUTH_BIN"


class SandboxError(RuntimeError):
    """The sandbox is missing, does not start, or refuses an admin call."""


class Sandbox:
    """A running sandbox."""

    def __init__(self, ready: dict[str, Any]) -> None:
        """Takes the first line that the sandbox prints."""
        self.url: str = ready["url"]
        """Where it listens: `https://127.0.0.1:PORT`."""
        self.ca_file: str = ready["ca_file"]
        """A file with the certificate to trust, in PEM."""
        self._vendors: dict[str, dict[str, Any]] = {vendor["id"]: vendor for vendor in ready["vendors"]}
        # One connection, kept open: a fault that strikes new connections must not keep a test from
        # removing it.
        self._admin_connection = http.client.HTTPSConnection(
            urllib.parse.urlsplit(self.url).netloc,
            context=ssl.create_default_context(cafile=self.ca_file),
            timeout=ADMIN_SECONDS,
        )
        self._admin_lock = threading.Lock()

    def base_url(self, vendor: str) -> str:
        """The URL below which a vendor's paths are."""
        return str(self._vendor(vendor)["base_url"])

    def fields(self, vendor: str) -> dict[str, str]:
        """The credentials of a vendor's ready-made account."""
        return dict(self._vendor(vendor)["fields"])

    def protected_url(self, vendor: str) -> str:
        """An endpoint that takes a token of that account, and refuses others."""
        return str(self._vendor(vendor)["protected_url"])

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        """Makes an admin call and returns its JSON.

        `path` is below `/_sandbox`, for example `/clock`. `body` is sent as JSON unless it is None.
        Raises SandboxError with the sandbox's own words when it refuses.
        """
        data = None if body is None else json.dumps(body).encode()
        with self._admin_lock:
            try:
                headers = {"Content-Type": "application/json"}
                self._admin_connection.request(method, f"/_sandbox{path}", data, headers)
                response = self._admin_connection.getresponse()
                reply = response.read()
            except BaseException:
                # Half an exchange is no ground for the next one.
                self._admin_connection.close()
                raise
        text = reply.decode(errors="replace")
        if not 200 <= response.status < 300:
            raise SandboxError(f"{method} {path}: {response.status}: {text}")
        return json.loads(text)

    def close(self) -> None:
        """Closes the connection for admin calls; the process is not touched."""
        self._admin_connection.close()

    def _vendor(self, vendor: str) -> dict[str, Any]:
        if vendor not in self._vendors:
            raise SandboxError(f"{vendor!r} is no vendor of the sandbox: {', '.join(self._vendors)}")
        return self._vendors[vendor]


def find_binary(workspace: Path = WORKSPACE) -> str:
    """The `ccauth` that CCAUTH_BIN names, else the workspace's own build, else the one on PATH."""
    named = os.environ.get("CCAUTH_BIN")
    if named:
        found = shutil.which(named)
        if found is None:
            raise SandboxError(f"CCAUTH_BIN is {named!r}, which is no program: {HINT}")
        return found
    built = workspace / "target" / "debug" / "ccauth"
    found = shutil.which(str(built)) or shutil.which("ccauth")
    if found is None:
        raise SandboxError(f"ccauth is neither at {built} nor on PATH: {HINT}")
    return found


@contextlib.contextmanager
def running(directory: Path) -> Iterator[Sandbox]:
    """A sandbox that has started; killed and reaped at the end. Its files go into `directory`."""
    ca_file = directory / "ca.pem"
    command = [find_binary(), "sandbox", "--port", "0", "--ca-file", str(ca_file)]
    # A file, because a pipe that nobody reads would stop the sandbox when it is full.
    with open(directory / "stderr", "w+b") as stderr:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr
        )
        try:
            sandbox = Sandbox(_ready(process, stderr))
            try:
                # Opens the connection before a test can set a fault.
                sandbox.admin("GET", "/health")
                yield sandbox
            finally:
                sandbox.close()
        finally:
            process.kill()
            process.wait()


def _ready(process: subprocess.Popen[bytes], stderr: IO[bytes]) -> dict[str, Any]:
    """The first line that the sandbox prints. What follows is for people, and is read and dropped."""
    first: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    stdout = process.stdout
    assert stdout is not None

    def read() -> None:
        with stdout:
            first.put(stdout.readline())
            for _ in stdout:
                pass

    threading.Thread(target=read, daemon=True).start()
    line: Optional[bytes] = None
    try:
        line = first.get(timeout=START_SECONDS)
        ready: dict[str, Any] = json.loads(line)
        return ready
    except (queue.Empty, ValueError):
        process.kill()
        process.wait()
        stderr.seek(0)
        said = stderr.read().decode(errors="replace")
        what = f"was silent for {START_SECONDS} s" if line is None else f"said {line!r} in place of JSON"
        raise SandboxError(
            f"{process.args!r} {what}; exit status {process.returncode}; stderr:\n{said}"
        ) from None


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The session's one process; tests take `sandbox`."""
    with running(tmp_path_factory.mktemp("ccauth-sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(sandbox_process: Sandbox) -> Sandbox:
    """A sandbox as it was at its start: no tokens, no faults, the clock on time."""
    sandbox_process.admin("POST", "/reset")
    return sandbox_process
