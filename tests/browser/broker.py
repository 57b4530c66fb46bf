"""The broker's own system, as the journeys need it: a running installation, a key, signed deliveries, the mail."""

import json
import os
import re
import sqlite3
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.lib.signing import sign

ROOT = Path(__file__).resolve().parents[2]
PATH = "/api/v1/activities"


@dataclass
class Broker:
    """An installation that runs as two processes, and the key of a broker's bridge."""

    base: str
    data: Path
    key: str = ""
    secret: str = ""

    def command(self, *words: str, given: str | None = None) -> Any:
        """Run a command of the installation, with what it reads from standard input; its JSON."""
        environ = os.environ | {"LAUREL_DATA": str(self.data), "LAUREL_PUBLIC_URL": self.base}
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words, "--json"],
            cwd=ROOT,
            env=environ,
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def use_key(self, name: str) -> None:
        """Make a key and sign with it from now on."""
        made = self.command("keys", "create", name)
        self.key, self.secret = made["key"], made["secret"]

    def deliver(self, *activities: dict[str, Any]) -> dict[str, Any]:
        """Post one signed delivery."""
        body = json.dumps({"activities": activities}).encode()
        stamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "X-Laurel-Key": self.key,
            "X-Laurel-Timestamp": stamp,
            "X-Laurel-Signature": sign(self.secret.encode(), "POST", PATH, stamp, body),
        }
        request = urllib.request.Request(self.base + PATH, body, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 202
            told: dict[str, Any] = json.load(answer)
            return told

    def settle(self) -> None:
        """Wait until the worker has folded everything."""
        deadline = time.monotonic() + 60
        while self.rows("SELECT count(*) FROM activity_queue")[0][0]:
            assert time.monotonic() < deadline, "the worker does not fold"
            time.sleep(0.05)

    def mailed_link(self, address: str) -> str:
        """The address in the newest mail to somebody."""
        [(body,)] = self.rows("SELECT body FROM outbox WHERE recipient = ? ORDER BY id DESC LIMIT 1", address)
        found = re.search(r"https?://\S+", body)
        assert found, body
        return self.base + "/" + found[0].split("/", 3)[3]

    def call(self, address: str, external_id: str) -> None:
        """Give a member who joined by the form the broker's own id, as its system would."""
        with sqlite3.connect(self.data / "laurel.db", timeout=15) as connection:
            connection.execute("UPDATE member SET external_id = ? WHERE email = ?", (external_id, address))

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.data / "laurel.db", timeout=15) as connection:
            return connection.execute(statement, values).fetchall()


def trade(
    name: str,
    member: str,
    *,
    lots: str = "1.50",
    symbol: str = "EURUSD",
    open_price: str = "1.10000",
    close_price: str = "1.10250",
    seconds: int = 2528,
    minutes_ago: int = 30,
) -> dict[str, Any]:
    """A closed trade as a bridge reports it."""
    closed = (datetime.now(UTC) - timedelta(minutes=minutes_ago)).replace(microsecond=0)
    return {
        "id": name,
        "kind": "trade.closed",
        "member": member,
        "occurred_at": closed.isoformat(),
        "data": {
            "symbol": symbol,
            "side": "buy",
            "lots": lots,
            "open_price": open_price,
            "close_price": close_price,
            "opened_at": (closed - timedelta(seconds=seconds)).isoformat(),
            "closed_at": closed.isoformat(),
            "profit": "375.00",
            "commission": "-4.50",
            "swap": "0",
            "currency": "USD",
        },
    }


def lesson(name: str, member: str, score: int = 90, of: str = "risk") -> dict[str, Any]:
    """A lesson passed; one that was passed before earns nothing again."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    data = {"lesson": of, "score": score}
    return {"id": name, "kind": "lesson.passed", "member": member, "occurred_at": at.isoformat(), "data": data}
