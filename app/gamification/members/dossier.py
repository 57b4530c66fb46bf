"""A member as staff look one up: the head of the profile, accounts, messages and mails, and what the law allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text

from app.gamification.activities import PaysFor
from app.gamification.challenges.entry import EntryState
from app.gamification.errors.members import MemberNotFound
from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.statement import statement
from app.gamification.members.sign_ins import LONGEST_IDLE, SignedIn, read_for_staff
from app.gamification.policy.packs import Pack, Verdict
from app.gamification.policy.words import FACTS, VERDICTS
from app.lib.clock import from_micros, instant_of, to_micros
from app.lib.i18n import pick
from app.models.base import read_all, read_one

SHOWN = 50  # messages, mails
MANY = 1_000  # where counting stops

TONES = {Verdict.ALLOW: "brand", Verdict.SERVICE_ONLY: "brand", Verdict.RECOGNITION: "violet", Verdict.FORBID: "warn"}

_REST = statement(
    f"""
    SELECT m.email_verified_at, m.erased_at, m.language, m.time_zone, w.seq, w.decisions,
        (SELECT a.occurred_at FROM decision d JOIN activity a ON a.id = d.activity_id
            WHERE d.member_id = :id AND d.seq = w.decisions) AS last_active,
        (SELECT count(*) FROM (SELECT 1 FROM activity_queue WHERE member_id = :id LIMIT {MANY}) AS queued) AS waiting,
        (SELECT count(*) FROM sign_in WHERE member_id = :id AND ended_at IS NULL AND last_seen_at > :oldest)
            AS browsers,
        (SELECT max(last_seen_at) FROM sign_in WHERE member_id = :id) AS last_seen,
        (SELECT count(*) FROM trading_account WHERE member_id = :id) AS accounts,
        (SELECT count(*) FROM proposal WHERE state = 'open' AND kind IN ('points.adjust', 'points.reverse')
            AND subject_id = :id) AS proposals,
        (SELECT count(*) FROM challenge_entry WHERE member_id = :id AND state = {int(EntryState.JOINED)}) AS running,
        (SELECT count(*) FROM challenge_entry WHERE member_id = :id
            AND state IN ({int(EntryState.COMPLETED)}, {int(EntryState.CLAIMED)})) AS completed,
        (SELECT count(DISTINCT badge_id) FROM badge_award WHERE member_id = :id AND fell_at IS NULL) AS badges
    FROM member m JOIN wallet w ON w.id = m.id WHERE m.id = :id
    """,
    "email_verified_at erased_at language time_zone seq decisions last_active waiting browsers last_seen accounts"
    " proposals running completed badges",
)
_ACCOUNTS = text(
    """
    SELECT k.id, k.platform, k.server, k.login, k.currency, k.linked_at,
        (SELECT count(*) FROM activity a WHERE a.trading_account_id = k.id) AS activities
    FROM trading_account k WHERE k.member_id = :id ORDER BY k.id
    """
)
_ACCOUNT = text("SELECT id, platform, server, login FROM trading_account WHERE id = :account AND member_id = :id")
_MAILS = text(
    """
    SELECT id, subject, created_at, done_at, error FROM outbox WHERE member_id = :id ORDER BY id DESC LIMIT :most
    """
)


@dataclass(frozen=True, slots=True)
class Dossier:
    """`me` is the member as the member's own pages know them, in the language and zone of whoever reads."""

    me: SignedIn
    spoken: str  # the member's own language and zone
    zone: str
    verified_at: datetime | None
    erased_at: datetime | None
    last_active: datetime | None
    last_seen: datetime | None
    transfers: int
    decisions: int
    waiting: int
    browsers: int
    accounts: int
    proposals: int
    running: int  # challenges
    completed: int
    badges: int

    @property
    def is_erased(self) -> bool:
        return self.erased_at is not None


class Account(NamedTuple):
    id: int
    platform: str
    server: str
    login: str
    currency: str | None
    linked_at: datetime | None
    activities: int


class Mail(NamedTuple):
    """A mail, without its text: its links open the account."""

    subject: str
    written_at: datetime
    done_at: datetime | None
    error: str | None


class Law(NamedTuple):
    """What the law says of one kind of benefit."""

    verdict: Verdict
    fact: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The packs of entity and country, the one that is stricter on the whole, and what they come to together."""

    packs: tuple[str, ...]
    strictest: str
    laws: tuple[Law, ...]


def read(member_id: int, language: str, time_zone: str, now: datetime) -> Dossier:
    """A member, erased ones too, as somebody of the staff reads them. Two statements; raises MemberNotFound."""
    me = read_for_staff(member_id, now)
    if me is None:
        raise MemberNotFound(member=member_id)
    rest = read_one(_REST, {"id": member_id, "oldest": to_micros(now - LONGEST_IDLE)})
    return Dossier(
        me._replace(language=language, time_zone=time_zone),
        rest.language,
        rest.time_zone,
        instant_of(rest.email_verified_at),
        instant_of(rest.erased_at),
        instant_of(rest.last_active),
        instant_of(rest.last_seen),
        rest.seq,
        rest.decisions,
        rest.waiting,
        rest.browsers,
        rest.accounts,
        rest.proposals,
        rest.running,
        rest.completed,
        rest.badges,
    )


def accounts(member_id: int) -> tuple[Account, ...]:
    """The member's trading accounts, with how much was reported of each. One statement."""
    rows = read_all(_ACCOUNTS, {"id": member_id})
    return tuple(Account._make((*row[:5], instant_of(row.linked_at), row.activities)) for row in rows)


def account(member_id: int, account_id: int) -> Any:
    """One of the member's trading accounts; None for what is not theirs."""
    return read_one(_ACCOUNT, {"id": member_id, "account": account_id})


def mails(member_id: int) -> Sequence[Mail]:
    """The newest mails to the member. One statement."""
    rows = read_all(_MAILS, {"id": member_id, "most": SHOWN})
    return [Mail(row.subject, from_micros(row.created_at), instant_of(row.done_at), row.error) for row in rows]


def standing(me: SignedIn) -> Standing:
    """What the law allows this member, in words. No statement."""
    programme = compiled()
    found = programme.standing(me.entity_id, me.country, me.client_class)
    names = dict.fromkeys(_name(programme.policy.pack(key), me.language) for key in found.pack_keys)
    verdicts = {fact: found.judge(fact) for fact in PaysFor}
    laws = tuple(Law(verdict, FACTS[fact], VERDICTS[verdict], TONES[verdict]) for fact, verdict in verdicts.items())
    return Standing(tuple(names), _name(found.strictest, me.language), laws)


def _name(pack: Pack, language: str) -> str:
    return pick(dict(pack.name), language)
