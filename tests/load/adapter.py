"""What the measuring stick needs to know of Laurel: how to start it, sign in, send it trades, and count what came of it.

Run by hand with the virtual environment's python (docs/benchmarks.md says how). On PostgreSQL set BENCH_DATABASE_URL.
"""

import atexit
import hashlib
import hmac
import http.cookiejar
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
import proc  # noqa: E402  (the measuring stick's own)

from tests.load.seeding import PASSWORD, sessions  # noqa: E402

RUN = f"{time.time_ns():x}"  # makes the ids of this run unlike those of any other
POSTGRES = os.environ.get("BENCH_DATABASE_URL", "")
running: dict[str, Any] = {}


def start(port: int, members: int) -> proc.Server:
    """Seed that many members, some with a history, and start web and worker."""
    folder = Path(tempfile.mkdtemp(prefix="laurel-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    database = _new_database(members) if POSTGRES else ""
    env = {
        "LAUREL_DATA": str(folder),
        "LAUREL_DATABASE_URL": database,
        "LAUREL_SIGN_IN_RATE": "10000/minute",
        "LAUREL_API_RATE": "100000/second",
        "LAUREL_LOG_LEVEL": "ERROR",
    }
    subprocess.run(
        [sys.executable, "-m", "tests.load.seeding", str(members)],
        check=True,
        env=os.environ | env,
        cwd=ROOT,
    )
    command = [sys.executable, "run.py", "--no-demo", "--port", str(port), "--data", str(folder)]
    if database:
        command += ["--database-url", database]
    server = proc.Server(command, f"http://127.0.0.1:{port}/healthz", cwd=ROOT, env=env, timeout=120)
    key, secret = json.loads((folder / "bench_key.json").read_text())
    running[f"http://127.0.0.1:{port}"] = {"folder": folder, "database": database, "before": None}
    running["key"], running["secret"] = key, secret.encode()
    running[f"http://127.0.0.1:{port}"]["before"] = _counts(f"http://127.0.0.1:{port}")
    return server


def pages(base: str, members: int) -> dict[str, tuple[list[tuple[str, dict[str, str]]], bytes]]:
    """The measured pages, asked for by members who are signed in."""
    signed_in = [_sign_in(base, member) for member in sessions(members)]
    return {
        name: ([(path, cookie) for cookie in signed_in], marker)
        for name, path, marker in [
            ("home", "/home", b"<main"),
            ("points", "/points", b"<main"),
            ("activity", "/activity", b"<main"),
            ("tiers", "/tiers", b"<main"),
        ]
    }


def events(first: int, n: int, members: int) -> list[dict[str, Any]]:
    """Closed trades by serial number; the same numbers give the same trades."""
    out = []
    for i in range(first, first + n):
        draw = random.Random(i)
        closed = _TODAY - timedelta(seconds=draw.randrange(86_400))
        out.append(
            {
                "id": f"{RUN}-{i:012d}",
                "kind": "trade.closed",
                "member": f"m{draw.randint(1, members)}",
                "occurred_at": closed.isoformat(),
                "data": {
                    "symbol": draw.choice(("EURUSD", "GBPUSD", "USDJPY")),
                    "side": "buy",
                    "lots": f"{draw.randint(1, 50) / 100:.2f}",
                    "open_price": "1.10000",
                    "close_price": "1.60000",
                    "opened_at": (closed - timedelta(hours=1)).isoformat(),
                    "closed_at": closed.isoformat(),
                    "profit": "12.40",
                    "commission": "-0.70",
                    "swap": "0",
                    "currency": "USD",
                },
            }
        )
    return out


def floor_row(event: dict[str, Any]) -> tuple[str, int, int, int, int]:
    """The same trade for the floor: one point for each 0.01 lot."""
    points = round(float(event["data"]["lots"]) * 100)
    return event["id"], int(event["member"][1:]), 1, points, int(_TODAY.timestamp())


def ingest_request(batch: list[dict[str, Any]]) -> tuple[str, dict[str, str], bytes]:
    """One signed delivery."""
    body = json.dumps({"activities": batch}, separators=(",", ":")).encode()
    path, stamp = "/api/v1/activities", str(int(time.time()))
    signed = f"POST\n{path}\n{stamp}\n".encode() + body
    headers = {
        "Content-Type": "application/json",
        "X-Laurel-Key": running["key"],
        "X-Laurel-Timestamp": stamp,
        "X-Laurel-Signature": "v1=" + hmac.new(running["secret"], signed, hashlib.sha256).hexdigest(),
    }
    return path, headers, body


def settled(base: str) -> None:
    """Return when nothing is queued."""
    while _rows(base, "SELECT count(*) FROM (SELECT 1 FROM activity_queue LIMIT 1) q")[0][0]:
        time.sleep(0.02)


def totals(base: str) -> list[int]:
    """Activities stored and points given since the start."""
    settled(base)
    return [now - before for now, before in zip(_counts(base), running[base]["before"], strict=True)]


def extra_pids() -> list[int]:
    """The database server's postmaster, whose children are its backends."""
    if not POSTGRES:
        return []
    files = sorted(Path("/var/lib/postgresql").glob("*/main/postmaster.pid"))
    return [int(files[0].read_text().split()[0])]


_TODAY = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def _counts(base: str) -> tuple[int, int]:
    activities = _rows(base, "SELECT count(*) FROM activity WHERE kind = 1")[0][0]
    points = _rows(base, "SELECT coalesce(sum(amount), 0) FROM transfer WHERE code = 1 AND unit_id = 1")[0][0]
    return int(activities), int(points)


def _rows(base: str, statement: str) -> list[tuple[Any, ...]]:
    place = running[base]
    if place["database"]:
        import psycopg

        with psycopg.connect(place["database"], autocommit=True) as connection:
            return connection.execute(statement).fetchall()
    with sqlite3.connect(f"file:{place['folder'] / 'laurel.db'}?mode=ro", uri=True) as connection:
        return connection.execute(statement).fetchall()


def _new_database(members: int) -> str:
    import psycopg

    server, _, _ = POSTGRES.rpartition("/")
    name = f"laurel_bench_{members}"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server}/{name}"


def _sign_in(base: str, member: int) -> dict[str, str]:
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = opener.open(f"{base}/login", timeout=30).read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token, "the sign-in form has no token"
    form = {"csrf_token": token[1], "email": f"m{member}@example.com", "password": PASSWORD}
    opener.open(f"{base}/login", urllib.parse.urlencode(form).encode(), timeout=30).close()
    return {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)}
