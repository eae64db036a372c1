"""The sandbox as other tests here rely on it."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Optional

import pytest
from ccauth_sandbox import Sandbox, SandboxError, find_binary


def call(sandbox: Sandbox, url: str, token: str = "", body: Any = None) -> tuple[int, Any]:
    """The status and the JSON of the answer to a GET, or to a POST when there is a body."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data: Optional[bytes] = None if body is None else json.dumps(body).encode()
    opener = urllib.request.build_opener(
        # A proxy has no business on loopback.
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=sandbox.ca_file)),
    )
    try:
        with opener.open(urllib.request.Request(url, data, headers), timeout=10) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def login(sandbox: Sandbox) -> tuple[int, Any]:
    url = sandbox.base_url("servetel") + "/v1/auth/login"
    return call(sandbox, url, body=sandbox.fields("servetel"))


def token(sandbox: Sandbox) -> str:
    status, reply = login(sandbox)
    assert status == 200, reply
    return str(reply["access_token"])


def accepted(sandbox: Sandbox, token: str) -> int:
    """The status with which the protected endpoint answers to this token."""
    return call(sandbox, sandbox.protected_url("servetel"), token)[0]


def test_a_servetel_login_gives_a_token_that_the_protected_endpoint_accepts(sandbox: Sandbox) -> None:
    assert accepted(sandbox, token(sandbox)) == 200
    assert accepted(sandbox, "made-up") == 401


def test_moving_the_clock_expires_a_token_on_the_second(sandbox: Sandbox) -> None:
    sandbox.admin("POST", "/clock", {"freeze": True})
    held = token(sandbox)
    sandbox.admin("POST", "/clock", {"advance_s": 3599})
    assert accepted(sandbox, held) == 200
    sandbox.admin("POST", "/clock", {"advance_s": 1})
    assert accepted(sandbox, held) == 401


def test_a_fault_fails_the_next_request_and_not_the_one_after(sandbox: Sandbox) -> None:
    fault = {"vendor": "servetel", "route": "token", "times": 1, "action": {"type": "status", "status": 503}}
    sandbox.admin("POST", "/faults", fault)
    assert login(sandbox)[0] == 503
    assert login(sandbox)[0] == 200


def test_reset_forgets_tokens_and_faults_even_one_that_lets_nobody_connect(sandbox: Sandbox) -> None:
    held = token(sandbox)
    sandbox.admin("POST", "/faults", {"action": {"type": "certificate", "kind": "expired"}})
    with pytest.raises(urllib.error.URLError, match="certificate has expired"):
        accepted(sandbox, held)
    sandbox.admin("POST", "/reset")
    assert accepted(sandbox, held) == 401
    assert sandbox.admin("GET", "/tokens") == []
    assert sandbox.admin("GET", "/faults") == []


def test_a_missing_binary_is_reported_with_the_command_that_builds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CCAUTH_BIN", str(tmp_path / "ccauth"))
    with pytest.raises(SandboxError, match="CCAUTH_BIN is .*cargo build -p ccauth-cli"):
        find_binary()
    monkeypatch.delenv("CCAUTH_BIN")
    with pytest.raises(SandboxError, match="nor on PATH: .*cargo build -p ccauth-cli"):
        find_binary(tmp_path)
