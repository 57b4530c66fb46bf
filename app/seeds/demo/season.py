"""Playing the demo season: day by day, what was reported is delivered, folded and followed by the night's work.

Everything goes through the real pipeline at its simulated time, so that the ledger explains itself like any other.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, text, update

from app.gamification import ingest, pipeline, programme
from app.gamification.activities import Incoming, incoming, kind_of
from app.gamification.challenges import sweep
from app.gamification.habits import rest
from app.gamification.insight import rollup
from app.gamification.ledger import lapsing
from app.gamification.members import profile
from app.gamification.members.enrolment import enrol, link
from app.gamification.messages import daily
from app.gamification.streaks import telling
from app.gamification.tiers.reassessment import reassess
from app.lib.clock import to_micros
from app.lib.periods import day_of, start_of
from app.models.base import connection, transaction
from app.models.people import Member
from app.seeds.demo.people import Act, Deed, Login, Person

# The crowd's reports are gathered; the cast's come one by one, seconds after they happened.
GATHERED = timedelta(hours=4)
_JOINS, _LINKS, _REPORTS, _ACTS = range(4)
_VISITED = update(Member).where(Member.id == bindparam("member")).values(last_visit_day=bindparam("day"))
_READ = text("UPDATE message SET read_at = created_at + :later WHERE created_at < :until AND read_at IS NULL")


class Event(NamedTuple):
    """One thing at its time; `order` decides between those of one instant."""

    at: datetime
    order: int
    source: str
    person: Person | None
    what: Deed | Act | Login | None


def play(people: Sequence[Person], strays: Sequence[Deed], now: datetime) -> dict[str, int]:
    """Let everything happen until now; returns the members' ids by the broker's own id of them."""
    ids: dict[str, int] = {}
    zone = programme.current().zone
    events = sorted(_events(people, strays, now), key=lambda event: event[:3])
    night = day_of(events[0].at, zone) + 1
    for day, happened in groupby(events, key=lambda event: day_of(event.at, zone)):
        night = _nights(night, day, zone)
        _day(list(happened), ids)
    _nights(night, day_of(now, zone), zone)
    _tidy_up(people, ids, now)
    rollup.fold(now)
    return ids


def _events(people: Sequence[Person], strays: Sequence[Deed], now: datetime) -> Iterator[Event]:
    for person in people:
        yield Event(person.joined, _JOINS, "", person, None)
        for login, at in [(login, person.joined) for login in person.logins] + list(person.linked_later.items()):
            yield Event(at, _LINKS, "", person, login)
        for deed in person.deeds:
            arrives = deed.arrives if person.live else _gathered(deed.arrives)
            yield Event(min(arrives, now), _REPORTS, deed.source, person, deed)
        for act in person.acts:
            yield Event(act.at, _ACTS, "", person, act)
    for deed in strays:
        yield Event(min(_gathered(deed.arrives), now), _REPORTS, deed.source, None, deed)


def _gathered(at: datetime) -> datetime:
    """The end of the stretch of the day in which something is reported."""
    begun = at.replace(hour=at.hour // 4 * 4, minute=0, second=0, microsecond=0)
    return begun + GATHERED


def _nights(night: int, until: int, zone: ZoneInfo) -> int:
    """The work of every night from one day's to that before another; returns the next."""
    for day in range(night, until + 1):
        at = start_of(day, zone) + timedelta(minutes=1)
        lapsing.release_due(at)
        lapsing.expire_due(at)
        reassess(at)
        sweep.settle_due(at)
        rest.decide(at + timedelta(hours=7), _no_pause)
        daily.tell_earned(at, _no_pause)
        daily.tell_expiring(at, _no_pause)
        telling.tell(at + timedelta(hours=10), _no_pause)
    return max(night, until + 1)


def _no_pause(_: float) -> None:
    """Nobody else writes."""


def _day(events: list[Event], ids: dict[str, int]) -> None:
    """A day's events in order; what is done to a wallet finds everything folded that was reported before."""
    for acts, stretch in groupby(events, key=lambda event: event.order == _ACTS):
        if not acts:
            with transaction():
                _report(list(stretch), ids)
            pipeline.drain()
            continue
        for event in stretch:
            assert isinstance(event.what, Act) and event.person is not None
            event.what.does(ids[event.person.external_id], event.at)


def _report(events: list[Event], ids: dict[str, int]) -> None:
    for (at, order, source), found in groupby(events, key=lambda event: event[:3]):
        together = list(found)
        if order == _REPORTS:
            items = [_item(event, ids) for event in together]
            for start in range(0, len(items), ingest.MAX_DELIVERY):
                ingest.accept(ingest.source(source), items[start : start + ingest.MAX_DELIVERY], at)
            continue
        for event in together:
            person = event.person
            assert person is not None
            if order == _JOINS:
                ids[person.external_id] = _join(person)
            elif isinstance(event.what, Login):
                link(ids[person.external_id], *event.what[:3], now=at)


def _join(person: Person) -> int:
    member_id = enrol(
        person.email,
        person.name,
        now=person.joined,
        country=person.country,
        client_class=person.client_class,
        external_id=person.external_id,
        language=person.language,
        time_zone=str(person.zone),
        entity_key=person.entity,
        demo_role=person.role,
        verified=person.verified,
    )
    if person.alias is not None:
        profile.save(
            member_id,
            alias=person.alias,
            language=person.language,
            theme="auto",
            up_down="auto",
            time_zone=str(person.zone),
        )
    return member_id


def _item(event: Event, ids: dict[str, int]) -> Incoming:
    deed = event.what
    assert isinstance(deed, Deed)
    kind = kind_of(deed.kind)
    assert kind is not None
    member_id = None if event.person is None else ids[event.person.external_id]
    in_app = deed.source == ingest.APP
    return incoming(
        deed.id.replace("{member}", str(member_id)),
        kind,
        deed.data,
        deed.at,
        key=deed.kind,
        member=event.person.external_id if event.person and deed.account is None and not in_app else None,
        member_id=member_id if in_app else None,
        account=None if deed.account is None else deed.account[:3],
        deal=deed.deal,
        amends=deed.amends,
        flags=deed.flags,
    )


def _tidy_up(people: Sequence[Person], ids: dict[str, int], now: datetime) -> None:
    """What sign-ins and pages would have written on the way: the day of the last visit, messages that were read."""
    days = []
    for person in people:
        if visits := [deed.at for deed in person.deeds if deed.kind == "visit"]:
            days.append({"member": ids[person.external_id], "day": day_of(max(visits), person.zone)})
    with transaction():
        if days:
            connection().execute(_VISITED, days)
        hour, fortnight = 3_600_000_000, timedelta(days=14)
        connection().execute(_READ, {"later": hour, "until": to_micros(now - fortnight)})
