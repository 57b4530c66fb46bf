"""Names: what the broker's own keys mean, in every language; and what its own activities pay for, once approved."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy import update as change

from app.gamification import programme
from app.gamification.activities import PaysFor
from app.gamification.approvals import proposals
from app.gamification.audit import log
from app.gamification.errors.desk import (
    BadTermKey,
    KeyTaken,
    NotAnOwnActivity,
    ProposedAlready,
    SameClass,
    TermFixed,
    UnknownTerm,
)
from app.gamification.staff.rights import Right, hold
from app.lib.i18n import _l
from app.models.activity import BrokerTerm
from app.models.base import connection, read_all
from app.models.desk import Proposal

KIND = "term.class"  # of the proposal
OWN = "custom"
KINDS = {
    "lesson": _l("Lesson"),
    "survey": _l("Survey"),
    "partner": _l("Partner"),
    "method": _l("Way to deposit"),
    OWN: _l("Activity of your own"),
}
FACTS = {fact.name.lower(): fact for fact in PaysFor}
FACT_WORDS = {
    "trading": _l("Trading"),
    "deposit": _l("Deposits"),
    "referral": _l("Inviting friends"),
    "onboarding": _l("Joining and verifying"),
    "contest": _l("Contests"),
    "learning": _l("Learning"),
    "habit": _l("Good habits"),
    "community": _l("Community"),
    "service": _l("Service"),
}
# As the API takes them, so that a name can never be given to a key that no report can carry.
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:\-]{0,63}")
OWN_KEY = re.compile(r"[a-z][a-z0-9_.\-]{0,39}")

_LOCK = select(BrokerTerm).where(BrokerTerm.id == bindparam("term_id")).with_for_update()
_TAKEN = select(BrokerTerm.id).where(BrokerTerm.kind == bindparam("of"), BrokerTerm.key == bindparam("named"))
_EVERY = select(BrokerTerm.id, BrokerTerm.kind, BrokerTerm.key, BrokerTerm.name)
_RENAME = change(BrokerTerm).where(BrokerTerm.id == bindparam("term_id")).values(name=bindparam("new_name"))
_ADD = insert(BrokerTerm).returning(BrokerTerm.id, sort_by_parameter_order=True)
_WAITING = select(Proposal.id).where(
    Proposal.kind == KIND, Proposal.subject_id == bindparam("term_id"), Proposal.state == "open"
)


@dataclass(frozen=True)
class Settings:
    """What there is to say of a key."""

    kind: str = field(metadata={"label": _l("What it is"), "choices": KINDS, "fixed": True})
    key: str = field(
        metadata={
            "label": _l("Key"),
            "help": _l("Exactly as your systems report it; of an activity of your own what follows “custom.”."),
            "longest": 64,
            "fixed": True,
        }
    )
    name: dict[str, str] = field(metadata={"label": _l("Name"), "longest": 80})


def create(by: int, settings: Settings, *, now: datetime) -> int:
    """Name a key; the term's id. Inside an open transaction. Raises a Refusal that names the field."""
    hold({by: Right.CONFIGURE})
    check(settings, None)
    programme.touch(connection())  # first, so that of two who name one key at once the second sees the first
    if connection().execute(_TAKEN, {"of": settings.kind, "named": settings.key}).first():
        raise KeyTaken(key=settings.key)
    values = {"kind": settings.kind, "key": settings.key, "name": settings.name}
    term_id: int = connection().execute(insert(BrokerTerm).values(**values).returning(BrokerTerm.id)).scalar_one()
    log.record(by, "term.create", "term", term_id, now=now, after=values)
    return term_id


def update(by: int, term_id: int, settings: Settings, *, now: datetime) -> None:
    """Give a key another name. Inside an open transaction. Raises UnknownTerm or a Refusal that names the field."""
    hold({by: Right.CONFIGURE})
    row = locked(term_id)
    check(settings, settings_of(row))
    if settings.name == row.name:
        return
    connection().execute(change(BrokerTerm).where(BrokerTerm.id == term_id).values(name=settings.name))
    programme.touch(connection())
    log.record(by, "term.update", "term", term_id, now=now, before={"name": row.name}, after={"name": settings.name})


def bring_in(by: int, rows: Sequence[tuple[int | None, Settings]], *, now: datetime) -> None:
    """Store many at once: (id of the term that it changes, or None for a new one; what it is to be).

    Inside an open transaction that has locked those it changes. Raises KeyTaken and what `check` raises.
    """
    hold({by: Right.CONFIGURE})
    programme.touch(connection())
    stored = {row.id: row for row in connection().execute(_EVERY)}
    taken = {(row.kind, row.key) for row in stored.values()}
    acts = []
    new = [settings for term_id, settings in rows if term_id is None]
    changed = [(stored[term_id], settings) for term_id, settings in rows if term_id is not None]
    for row, settings in changed:
        check(settings, settings_of(row))
        acts.append(log.Act("term.update", "term", row.id, {"name": row.name}, {"name": settings.name}))
    if changed:
        values = [{"term_id": row.id, "new_name": settings.name} for row, settings in changed]
        connection().execute(_RENAME, values)
    added = []
    for settings in new:
        check(settings, None)
        if (settings.kind, settings.key) in taken:
            raise KeyTaken(key=settings.key)
        added.append({"kind": settings.kind, "key": settings.key, "name": settings.name})
    if added:
        ids = connection().execute(_ADD, added).scalars().all()
        acts += [log.Act("term.create", "term", term_id, None, one) for term_id, one in zip(ids, added, strict=True)]
    log.record_all(by, acts, now=now)


def retire(by: int, term_id: int, *, now: datetime) -> None:
    """Offer a key no more, or again; what was reported under it keeps its name. Inside an open transaction."""
    hold({by: Right.CONFIGURE})
    row = locked(term_id)
    retired_at = None if row.retired_at else now
    connection().execute(change(BrokerTerm).where(BrokerTerm.id == term_id).values(retired_at=retired_at))
    programme.touch(connection())
    log.record(by, "term.retire" if retired_at else "term.restore", "term", term_id, now=now)


def check(settings: Settings, before: Settings | None) -> None:
    """Raise the Refusal that storing this would; reads only."""
    if before is not None and (before.kind, before.key) != (settings.kind, settings.key):
        raise TermFixed()
    if not (OWN_KEY if settings.kind == OWN else KEY).fullmatch(settings.key):
        raise BadTermKey()


def propose_class(by: int, term_id: int, fact: str, *, now: datetime, note: str = "") -> int:
    """Ask that an own activity pays for `fact` in the eyes of the law; the proposal's id.

    Inside an open transaction. Raises UnknownTerm, NotAnOwnActivity, SameClass, ProposedAlready.
    """
    hold({by: Right.CONFIGURE})
    payload = {"from": fact_of(locked(term_id).pays_for), "to": fact}
    check_class(term_id, payload)
    if connection().execute(_WAITING, {"term_id": term_id}).first():
        raise ProposedAlready()
    return proposals.propose(by, KIND, term_id, payload, now=now, note=note)


def check_class(term_id: int, payload: Mapping[str, Any]) -> Any:
    """The locked row of an own activity that can be classed so; raises NotAnOwnActivity, SameClass."""
    row = locked(term_id)
    if row.kind != OWN or payload["to"] not in FACTS:
        raise NotAnOwnActivity()
    if payload["to"] == fact_of(row.pays_for):
        raise SameClass()
    return row


def classify(by: int, term_id: int, fact: str, *, now: datetime) -> None:
    """Let an own activity pay for that, which a second person has approved: it counts from the next award on."""
    row = locked(term_id)
    connection().execute(change(BrokerTerm).where(BrokerTerm.id == term_id).values(pays_for=int(FACTS[fact])))
    programme.touch(connection())
    before, after = {"pays_for": fact_of(row.pays_for)}, {"pays_for": fact}
    log.record(by, "term.class", "term", term_id, now=now, before=before, after=after)


def waiting_of(term_id: int) -> int | None:
    """The proposal that would class it anew, or None. Reads only."""
    return next((row.id for row in read_all(_WAITING, {"term_id": term_id})), None)


def locked(term_id: int) -> Any:
    """A term's row that nobody else can change until the commit. Raises UnknownTerm."""
    row = connection().execute(_LOCK, {"term_id": term_id}).first()
    if row is None:
        raise UnknownTerm()
    return row


def settings_of(row: Any) -> Settings:
    """A stored term as its form shows it."""
    return Settings(row.kind, row.key, dict(row.name))


def fact_of(pays_for: int | None) -> str:
    """The fact that a stored class stands for; what nobody classed counts as trading."""
    return PaysFor(pays_for or PaysFor.TRADING).name.lower()
