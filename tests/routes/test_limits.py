"""Limits: by household, and counted together where several processes share a store."""

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from app.routes.limits import client_address

# A process of its own: the limiter is one for each process, and the tests' counts in memory.
GUESS_TWICE = """
import re, sys
from pathlib import Path
from app.config import Settings
from app.factory import create_app
app = create_app(Settings(_env_file=None, env="test", data=Path(sys.argv[1]), redis_url=sys.argv[2],
                          sign_in_rate="3/minute", log_level="ERROR"))
app.test_cli_runner().invoke(args=["prepare", "--base"])
client = app.test_client()
token = re.search(r'"X-CSRFToken": "([^"]+)"', client.get("/terms").text)[1]
form = {"email": "nobody@example.com", "password": "a wrong guess", "csrf_token": token}
print(*(client.post("/login", data=form).status_code for _ in range(2)))
"""


@pytest.mark.parametrize(
    ("remote", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
        ("2001:db8:1:2:ffff::1", "2001:0db8:0001:0002"),
        ("", "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_a_household_is_counted_as_one(app: Flask, remote: str, counted: str):
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": remote}):
        assert client_address() == counted


def guess(data: Path, url: str) -> list[str]:
    command = [sys.executable, "-c", GUESS_TWICE, str(data), url]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.split()


def test_processes_that_share_redis_count_together(tmp_path: Path, redis_url: str):
    assert guess(tmp_path, redis_url) == ["422", "422"]
    assert guess(tmp_path, redis_url) == ["422", "429"]


def test_without_its_store_the_programme_goes_on(tmp_path: Path):
    assert guess(tmp_path, "redis://127.0.0.1:1/0") == ["422", "422"]
