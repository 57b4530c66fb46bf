"""`doctor`: looks at everything an installation stands on, and says what to do where it is not well."""

import os
import smtplib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum

import click
from flask import current_app
from sqlalchemy import text

from app.cli.command import PREPARE, Answer, command
from app.gamification import backlog
from app.lib import clock
from app.models import schema
from app.models.base import is_sqlite, read_one, reader
from app.routes.settings import settings
from app.tasks import outbox
from app.tasks.queue import current_bell

OLDEST_POSTGRESQL = 14
LONGEST_SKEW, LONGEST_SILENCE, LONGEST_AGE = 2.0, 60.0, 120.0  # seconds
WORKER = "Start it: `flask --app wsgi worker`, or `python3 run.py` for web and worker together."


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """What one look found; `remedy` says what to do where it is not well."""

    state: State
    found: str
    remedy: str = ""


@command(
    "doctor",
    example="doctor",
    short_help="Say what is well, what is not, and what to do.",
    help="Look at settings, data folder, database, queue, worker, clock and mail. Each line says ok, warn or fail, and "
    "what to do. Exit code 1 when anything fails.",
)
def doctor() -> Answer:
    findings = {name: examine(look) for name, look in LOOKS.items()}
    lines = []
    for name, finding in findings.items():
        lines.append(f"{finding.state:<5} {name:<12} {finding.found}")
        if finding.remedy:
            lines.append(f"{'':18} → {finding.remedy}")
    ok = all(finding.state != State.FAIL for finding in findings.values())
    return Answer({"ok": ok, "looks": {name: asdict(one) for name, one in findings.items()}}, tuple(lines), ok)


def examine(look: Callable[[], Finding]) -> Finding:
    """One look; whatever it stumbles over is its finding."""
    try:
        return look()
    except Exception as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        return Finding(State.FAIL, f"{type(error).__name__}: {reason}", "Mend what this names, then look again.")


def look_at_settings() -> Finding:
    configured = settings()
    url = configured.public_url
    found = f"{configured.env}, pages at {url}"
    if any(host in url for host in ("//127.0.0.1", "//localhost", "//[::1]")):
        return Finding(State.OK, found)
    if url.startswith("http://"):
        return Finding(State.WARN, found, "Serve it by HTTPS and set LAUREL_PUBLIC_URL to that address.")
    if not configured.secure_cookies:
        return Finding(State.WARN, found, "Set LAUREL_SECURE_COOKIES=true: sign-ins then travel by HTTPS only.")
    return Finding(State.OK, found)


def look_at_data_folder() -> Finding:
    folder = settings().data
    if not folder.is_dir():
        return Finding(State.FAIL, f"{folder} does not exist", PREPARE)
    if not os.access(folder, os.W_OK | os.X_OK):
        return Finding(State.FAIL, f"{folder} cannot be written", "Give it to the user that runs Laurel.")
    secret = folder / "secret_key"
    if os.name == "posix" and secret.exists() and secret.stat().st_mode & 0o077:
        return Finding(State.WARN, f"others can read {secret}", f"chmod 600 {secret}")
    return Finding(State.OK, str(folder))


def look_at_database() -> Finding:
    if is_sqlite(reader()):
        version = read_one(text("SELECT sqlite_version()"))[0]
        return Finding(State.OK, f"SQLite {version}, {reader().url.database}")
    version = read_one(text("SHOW server_version"))[0].partition(" ")[0]
    found = f"PostgreSQL {version}, {reader().url.host}/{reader().url.database}"
    if int(version.partition(".")[0]) < OLDEST_POSTGRESQL:
        return Finding(State.FAIL, found, f"Laurel needs PostgreSQL {OLDEST_POSTGRESQL} or newer.")
    return Finding(State.OK, found)


def look_at_migrations() -> Finding:
    present, needed = schema.present_revision(), schema.needed_revision()
    if present == needed:
        return Finding(State.OK, f"revision {present}")
    return Finding(State.FAIL, f"the database is at {present or 'none'}, the code needs {needed}", PREPARE)


def look_at_clock() -> Finding:
    if is_sqlite(reader()):
        return Finding(State.OK, f"{clock.now():%Y-%m-%d %H:%M:%S} UTC")
    before = clock.now()
    theirs = clock.from_micros(int(read_one(text("SELECT extract(epoch FROM clock_timestamp()) * 1000000"))[0]))
    skew = (theirs - before - (clock.now() - before) / 2).total_seconds()
    found = f"the database's clock differs by {skew:+.2f} s"
    if abs(skew) > LONGEST_SKEW:
        return Finding(State.FAIL, found, "Let both machines follow a time server (chrony, systemd-timesyncd).")
    return Finding(State.OK, found)


def look_at_queue() -> Finding:
    found = backlog.read()
    age = found.age_seconds(clock.now())
    said = f"{found.queued:,} activities wait, the oldest for {age:,.0f} s; {found.failed:,} failed"
    if age > LONGEST_AGE:
        return Finding(State.FAIL, said, "Is the worker running? On PostgreSQL with Redis you may start more of them.")
    if found.failed:
        return Finding(State.WARN, said, "After mending the cause: `activities reprocess --failed`.")
    return Finding(State.OK, said)


def look_at_worker() -> Finding:
    beat = current_bell().last_beat()
    if beat is None:
        return Finding(State.WARN, "no worker has run here yet", WORKER)
    silence = time.time() - beat / 1e6
    found = f"last sign of life {silence:,.0f} s ago"
    return Finding(State.OK, found) if silence <= LONGEST_SILENCE else Finding(State.FAIL, found, WORKER)


def look_at_mail() -> Finding:
    waiting, given_up = outbox.backlog()
    said = f"{waiting:,} mails wait, {given_up:,} were given up"
    if not outbox.is_set_up():
        remedy = "Set LAUREL_MAIL_SERVER; until then read mail by `outbox list` and `outbox show`."
        return Finding(State.WARN, f"no mail server; {said}", remedy)
    configured = settings()
    found = f"{configured.mail_server}:{configured.mail_port}; {said}"
    server = current_app.extensions["mailman"].get_connection()
    try:
        server.open()
        server.close()
    except (OSError, smtplib.SMTPException) as error:
        return Finding(State.FAIL, f"{found}; {error}", "Check the LAUREL_MAIL_ settings and the way to that server.")
    if given_up:
        return Finding(State.WARN, found, "`outbox list` names the errors, `outbox send ID` tries one again.")
    return Finding(State.OK, found)


def look_at_redis() -> Finding:
    if not settings().redis_url:
        return Finding(State.OK, "not used: queue, cache and limits are in this machine")
    from redis import Redis

    with Redis.from_url(settings().redis_url, socket_timeout=5) as server:
        server.ping()
        return Finding(State.OK, f"Redis {server.info('server')['redis_version']}")


LOOKS: dict[str, Callable[[], Finding]] = {
    "settings": look_at_settings,
    "data folder": look_at_data_folder,
    "database": look_at_database,
    "migrations": look_at_migrations,
    "clock": look_at_clock,
    "queue": look_at_queue,
    "worker": look_at_worker,
    "mail": look_at_mail,
    "redis": look_at_redis,
}

commands: list[click.Command] = [doctor]
