"""Writing rules: begin a draft, save it, throw it away, and propose what it says."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select

from app.gamification import drafts, programme
from app.gamification.accrual.bases import bases, load
from app.gamification.accrual.definition import LONGEST_NAME, Definition, read_definition
from app.gamification.accrual.publishing.revisions import DRAFTS, PUBLISH, RETIRE
from app.gamification.accrual.publishing.written import Written, begins, ends, plain_definition, read_written
from app.gamification.activities import CUSTOM, kind_of
from app.gamification.approvals import proposals
from app.gamification.audit import log
from app.gamification.drafts import Draft
from app.gamification.errors.desk import ProposedAlready
from app.gamification.errors.rules import BadRuleName, EndsBeforeItStarts, RuleNotFound, StartsInThePast
from app.gamification.members.names import visible
from app.gamification.staff.rights import Right, hold
from app.lib.clock import to_micros
from app.models.base import connection
from app.models.desk import Draft as DraftRow
from app.models.desk import Proposal
from app.models.rules import Rule, RuleRevision

LONGEST_KEY = 40
COPIES = {"en": "%s (copy)", "ar": "%s (نسخة)", "zh": "%s（副本）"}

_LATEST = (
    select(RuleRevision.number, RuleRevision.definition, Rule.key)
    .join(Rule, Rule.id == RuleRevision.rule_id)
    .where(RuleRevision.rule_id == bindparam("rule_id"))
    .order_by(RuleRevision.number.desc())
    .limit(1)
)
_TAKEN = (
    select(Rule.key)
    .where(or_(Rule.key == bindparam("named"), Rule.key.like(bindparam("numbered"))))
    .union(
        select(DraftRow.key).where(
            DraftRow.kind == DRAFTS, or_(DraftRow.key == bindparam("named"), DraftRow.key.like(bindparam("numbered")))
        )
    )
)
_WAITING = select(Proposal.id).where(
    Proposal.kind == RETIRE, Proposal.subject_id == bindparam("subject"), Proposal.state == "open"
)
_OF_RULE = select(DraftRow.id).where(DraftRow.kind == DRAFTS, DraftRow.subject_id == bindparam("subject"))


def begin(by: int, name: str, kind: str, *, now: datetime) -> int:
    """Open the draft of a new rule; its id. The key follows from the English name, for ever.

    Inside an open transaction. Raises BadRuleName and BadRule.
    """
    hold({by: Right.CONFIGURE})
    definition = read_definition(
        {
            "name": {"en": _clean(name)},
            "kind": kind,
            "base": {"kind": _basis(kind), "rate": "1"},
            "expiry": {"mode": "end_of_month", "n": 12},
        }
    )
    return _begin(by, None, _free_key(definition.name["en"]), Written(definition), 0, now=now)


def begin_revision(by: int, rule_id: int, *, now: datetime) -> int:
    """Open the draft of a rule's next revision, or find the one that is open; its id.

    Inside an open transaction. Raises RuleNotFound.
    """
    hold({by: Right.CONFIGURE})
    number, definition, key = _latest(rule_id)
    found: int | None = connection().execute(_OF_RULE, {"subject": rule_id}).scalar()
    return found or _begin(by, rule_id, key, Written(definition), number, now=now)


def begin_written(by: int, written: Written, *, is_copy: bool = False, now: datetime) -> int:
    """Open the draft of a new rule with what was written in another draft; its id. Inside an open transaction."""
    hold({by: Right.CONFIGURE})
    key = _free_key(written.definition.name["en"])
    if is_copy:
        written = written._replace(definition=_copy_of(written.definition))
    return _begin(by, None, key, written, 0, now=now)


def begin_anew(by: int, rule_id: int, written: Written, instead_of: tuple[int, int], *, now: datetime) -> int:
    """Open the draft of a rule's next revision with what was written in one that is gone, or was overtaken; its id.

    `instead_of` is that draft and the version its writer saw; where it is there still, it makes room. Inside an open
    transaction. Raises RuleNotFound, and DraftChanged where somebody has begun another one.
    """
    hold({by: Right.CONFIGURE})
    number, _, key = _latest(rule_id)
    drafts.make_room(by, DRAFTS, rule_id, instead_of, now=now)
    return _begin(by, rule_id, key, written, number, now=now)


def begin_copy(by: int, rule_id: int, *, now: datetime) -> int:
    """Open the draft of a new rule that says what another one says; its id. Inside an open transaction."""
    hold({by: Right.CONFIGURE})
    _, definition, key = _latest(rule_id)
    return _begin(by, None, _free_key(key), Written(_copy_of(definition)), 0, now=now)


def save(by: int, draft_id: int, written: Written, version: int, *, now: datetime) -> int:
    """Store what was written over that version; the new one. An open proposal of the draft falls.

    Inside an open transaction. Raises DraftNotFound and DraftChanged.
    """
    hold({by: Right.CONFIGURE})
    before, plain = drafts.locked(draft_id, DRAFTS), written.plain()
    saved = drafts.save(by, draft_id, plain, version, now=now)
    if saved != version:
        was = before.definition | before.definition["rule"]
        new = plain | plain["rule"]
        changed = sorted(name for name in new.keys() - {"rule"} if was.get(name) != new[name])
        log.record(
            by,
            "draft.save",
            "draft",
            draft_id,
            now=now,
            before={name: was.get(name) for name in changed},
            after={name: new[name] for name in changed},
        )
    return saved


def discard(by: int, draft_id: int, version: int, *, now: datetime) -> Draft:
    """Throw a draft away, and its open proposal with it; what it was. Inside an open transaction.

    Raises DraftNotFound, and DraftChanged where it is not the version that was seen: it may hold somebody's work.
    """
    hold({by: Right.CONFIGURE})
    draft = drafts.seen(draft_id, version, DRAFTS)
    drafts.discard(by, draft_id, now=now)
    log.record(by, "draft.discard", "draft", draft_id, now=now, before={"rule": draft.subject_id, "key": draft.key})
    return draft


def propose(by: int, draft_id: int, note: str, *, now: datetime) -> int:
    """Ask for a second person to publish what a draft says; the proposal's id.

    Inside an open transaction. Raises what `rule.publish` checks, StartsInThePast and EndsBeforeItStarts.
    """
    hold({by: Right.CONFIGURE})
    draft, zone = drafts.locked(draft_id, DRAFTS), programme.current().zone
    written = read_written(draft.definition)
    first, last = begins(written.run, zone), ends(written.run, zone)
    if first is not None and first < now:
        raise StartsInThePast()
    if last is not None and last <= (first or now):
        raise EndsBeforeItStarts()
    payload = {
        "key": draft.key,
        "definition": plain_definition(written.definition),
        "effective_from": first and to_micros(first),
        "effective_to": last and to_micros(last),
        "based_on": draft.based_on,
        "draft": draft.id,
        "version": draft.version,
    }
    return proposals.propose(by, PUBLISH, draft.subject_id, payload, now=now, note=note, draft_id=draft_id)


def propose_retirement(by: int, rule_id: int, at: datetime | None, note: str, *, now: datetime) -> int:
    """Ask for a second person to end a rule, then (None) or at an instant ahead; the proposal's id.

    Inside an open transaction. Raises RuleNotFound, StartsInThePast, ProposedAlready and what `rule.retire` checks.
    """
    hold({by: Right.CONFIGURE})
    number, _, key = _latest(rule_id)
    if at is not None and at < now:
        raise StartsInThePast()
    if connection().execute(_WAITING, {"subject": rule_id}).first():
        raise ProposedAlready()
    payload = {"key": key, "at": at and to_micros(at), "based_on": number}
    return proposals.propose(by, RETIRE, rule_id, payload, now=now, note=note)


def _copy_of(definition: Definition) -> Definition:
    plain = plain_definition(definition)
    plain["name"] = {code: (COPIES[code] % name)[:LONGEST_NAME] for code, name in definition.name.items() if name}
    # The copy would stand on the other's place in its group.
    plain["group"] = ""
    return read_definition(plain)


def _begin(by: int, rule_id: int | None, key: str, written: Written, based_on: int, *, now: datetime) -> int:
    draft_id = drafts.begin(by, DRAFTS, rule_id, key, written.plain(), based_on, now=now)
    after = {"rule": rule_id, "key": key, "based_on": based_on}
    log.record(by, "draft.begin", "draft", draft_id, now=now, after=after)
    return draft_id


def _latest(rule_id: int) -> tuple[int, Definition, str]:
    row: Any = connection().execute(_LATEST, {"rule_id": rule_id}).first()
    if row is None:
        raise RuleNotFound()
    return row.number, read_definition(row.definition), row.key


def _basis(kind_key: str) -> str:
    """What one expects of a kind: trades by the lot, money by its amount, everything else by the time."""
    load()
    kind = kind_of(kind_key)
    code = kind.code if kind else 0
    usual = ("fixed",) if code == CUSTOM else ("lots", "amount", "fixed")
    return next(key for key in usual if (kinds := bases.get(key).kinds) is None or code in kinds)


def _clean(name: str) -> str:
    cleaned = visible(name)
    if len(cleaned) > LONGEST_NAME or not any(char.isalpha() for char in cleaned):
        raise BadRuleName(longest=LONGEST_NAME)
    return cleaned


def _free_key(name: str) -> str:
    """A key that no rule and no draft has: metals, metals_2, metals_3 …"""
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    key = (words if words[:1].isalpha() else f"rule_{words}".strip("_"))[:LONGEST_KEY]
    values = {"named": key, "numbered": f"{key}%"}
    taken = set(connection().execute(_TAKEN, values).scalars())
    numbers = (f"{key}_{number}" for number in range(2, len(taken) + 3))
    return key if key not in taken else next(one for one in numbers if one not in taken)
