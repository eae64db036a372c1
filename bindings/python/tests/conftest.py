"""Gives every test here the fixture `sandbox`."""

# Imported, because pytest takes `pytest_plugins` only in the topmost conftest.py of a run.
from ccauth_sandbox import sandbox, sandbox_process

__all__ = ["sandbox", "sandbox_process"]
