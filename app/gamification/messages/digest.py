"""The summary by mail: in the morning where its reader lives, what is new and was not read yet, in one mail or none.

A member is looked at outside of any transaction; the mail and the note of what it looked at are then written in one,
and only if nothing about the member has changed in between: another worker's mail, a new choice, quiet mode. So a
worker that is killed has written both or neither, and of two workers one writes.
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import bindparam, text
from structlog import get_logger

from app.gamification import postbox, programme
from app.gamification.brand import brand, risk_warning
from app.gamification.ledger.messages import EARNED, RELEASED, earned_in_all, released_in_all
from app.gamification.members.demo import is_made_up, is_played
from app.gamification.members.letters import Letter, Line
from app.gamification.messages import letters
from app.gamification.messages.choices import DAILY, WEEKLY
from app.gamification.messages.reads import said
from app.gamification.messages.topics import MAIL, is_in_summaries, wanted
from app.gamification.messages.unsubscribing import SUMMARIES, Links
from app.gamification.messages.wording import WORDS
from app.lib.clock import to_micros
from app.lib.countries import every_time_zone
from app.lib.i18n import best_language
from app.lib.periods import day_of, start_of
from app.models.base import (
    Pause,
    connection,
    give_way,
    is_the_databases,
    plain_json,
    read_all,
    settings,
    transaction,
)

log = get_logger(__name__)

MORNING, NOON = 8, 12  # hours of the reader's own clock between which summaries are written
MONDAY = 0
OLDEST = timedelta(days=30)  # what nobody read for so long is no news
CHUNK, BATCH = 100, 10
MOST = 12  # lines of one mail
SUMMED = (EARNED, RELEASED)  # told day by day in the app, and in one line by mail

_NEWS = f"""
    n.member_id = m.id AND n.id > coalesce(m.digest_to, 0) AND n.read_at IS NULL AND n.created_at > :oldest
    AND n.kind IN :kinds AND {wanted("m.id", "n.kind", MAIL)}
"""
_DUE = text(
    f"""
    SELECT m.id, m.name, m.email, m.language, m.time_zone, m.country, m.client_class, m.entity_id, m.demo_role,
        m.external_id, m.digest, m.digest_at, coalesce(m.digest_to, 0) AS digest_to
    FROM member m
    WHERE m.id > :after AND m.time_zone IN :zones AND m.digest IN :rhythms
        AND m.email IS NOT NULL AND m.email_verified_at IS NOT NULL
        AND m.erased_at IS NULL AND m.leaving_at IS NULL AND (m.quiet_until IS NULL OR m.quiet_until <= :now)
        AND (m.digest_at IS NULL OR m.digest_at < :since)
        AND EXISTS (SELECT 1 FROM message n WHERE {_NEWS})
    ORDER BY m.id LIMIT :most
    """
).bindparams(*(bindparam(name, expanding=True) for name in ("zones", "rhythms", "kinds")))
_FOUND = text(
    f"""
    SELECT m.id AS member_id, n.id, n.kind, n.facts, n.created_at FROM member m JOIN message n ON {_NEWS}
    WHERE m.id IN :members ORDER BY m.id, n.id DESC
    """
).bindparams(*(bindparam(name, expanding=True) for name in ("members", "kinds")))
# Everything that was asked about is asked again: the row is locked by it, whoever comes second finds it changed.
_MOVE = text(
    """
    UPDATE member SET digest_at = :now, digest_to = :to
    WHERE id = :id AND digest = :digest AND coalesce(digest_to, 0) = :was AND coalesce(digest_at, 0) = :was_at
        AND email = :email AND email_verified_at IS NOT NULL AND erased_at IS NULL AND leaving_at IS NULL
        AND (quiet_until IS NULL OR quiet_until <= :now)
    """
)


@dataclass(frozen=True)
class Due:
    """A member to whom a summary is to be written, with what it looked at."""

    row: Any
    letter: Letter
    newest: int


def write_due(now: datetime, pause: Pause = time.sleep) -> int:
    """Write every summary whose morning it is; how many."""
    done = 0
    for (since, is_monday), zones in sorted(mornings(now).items()):
        rhythms = [DAILY, WEEKLY] if is_monday else [DAILY]
        done += _write_to(zones, rhythms, since, now, pause)
    return done


def mornings(now: datetime) -> dict[tuple[int, bool], list[str]]:
    """The zones where it is morning, by when their day began and whether it is a Monday."""
    found: dict[tuple[int, bool], list[str]] = defaultdict(list)
    for zone in every_time_zone():
        local = now.astimezone(zone)
        if MORNING <= local.hour < NOON:
            since = to_micros(start_of(day_of(now, zone), zone))
            found[since, local.weekday() == MONDAY].append(zone.key)
    return found


def _write_to(zones: Sequence[str], rhythms: Sequence[str], since: int, now: datetime, pause: Pause) -> int:
    oldest, kinds = to_micros(now - OLDEST), sorted(kind for kind in WORDS if is_in_summaries(kind))
    same = {"oldest": oldest, "kinds": kinds}
    asked = {"zones": zones, "rhythms": rhythms, "since": since, "now": to_micros(now), "most": CHUNK, **same}
    after = done = 0
    while rows := read_all(_DUE, {**asked, "after": after}):
        after = rows[-1].id
        real = [row for row in rows if not is_played(row) and not is_made_up(row.email)]
        prepared = _prepared(real, same)
        while batch := list(islice(prepared, BATCH)):
            done += _write(batch, now)
            give_way(pause)
    return done


def _prepared(rows: Sequence[Any], same: dict[str, Any]) -> Iterator[Due]:
    """The mails of members, each made outside of any transaction; one that cannot be made holds up nobody."""
    news: dict[int, list[Any]] = defaultdict(list)
    if rows:
        for one in read_all(_FOUND, {"members": [row.id for row in rows], **same}):
            news[one.member_id].append(one)
    for row in rows:
        if not news[row.id]:
            continue  # read a moment ago
        try:
            yield Due(row, letter_to(row, news[row.id]), max(one.id for one in news[row.id]))
        except Exception as failure:
            if is_the_databases(failure):
                raise
            log.error("digest.failed", member=row.id, error=repr(failure))


def _write(batch: Sequence[Due], now: datetime) -> int:
    """Write some summaries in one transaction, or, where one fails, each in its own; how many were written."""
    try:
        with transaction():
            return sum(_write_one(due, now) for due in batch)
    except Exception as failure:
        if is_the_databases(failure):
            raise
        log.error("digest.failed", error=repr(failure))
    done = 0
    for due in batch if len(batch) > 1 else ():
        done += _write([due], now)
    return done


def _write_one(due: Due, now: datetime) -> bool:
    row = due.row
    values = {"id": row.id, "digest": row.digest, "was": row.digest_to, "was_at": row.digest_at or 0}
    values |= {"email": row.email, "to": due.newest, "now": to_micros(now)}
    if not connection().execute(_MOVE, values).rowcount:
        return False
    postbox.send(due.letter, row.email, language=row.language, now=now, member_id=row.id)
    return True


def letter_to(row: Any, news: Sequence[Any]) -> Letter:
    """The mail to one member, with their messages, newest first."""
    current, house = programme.current(), brand()
    language = best_language(row.language, offered=house.languages)
    told = [
        one
        for found in news
        if (one := said(found.kind, found.facts, found.created_at, True, current.ladder, language, found.id))
    ]
    lines = [*_summed(news), *(Line(one.wording, one.at) for one in told if one.kind not in SUMMED)]
    pack = current.standing(row.entity_id, row.country, row.client_class).strictest
    return letters.digest(
        row.name,
        house.name,
        row.digest,
        tuple(lines[:MOST]),
        len(lines) - len(lines[:MOST]),
        zone=row.time_zone,
        unsubscribe=Links(settings().installation_secret).address(row.id, row.email, SUMMARIES),
        risk=risk_warning(house, language, pack=pack, entity_id=row.entity_id),
    )


def _summed(news: Sequence[Any]) -> Iterator[Line]:
    """What was earned on all days, and what was released on all of them, in a line each."""
    points = {kind: [plain_json(one.facts) for one in news if one.kind == kind] for kind in SUMMED}
    if days := points[EARNED]:
        yield Line(earned_in_all(days))
    if released := points[RELEASED]:
        yield Line(released_in_all(released))
