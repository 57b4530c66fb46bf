"""Why a line says what it says, and why an activity earned nothing: recomputed from what was kept."""

from typing import Any

from app.gamification.accrual.bases import bases
from app.gamification.accrual.rule import AVAILABLE_AT, AWARDED, GIVEN, SERVICE_ONLY, WANTED, CompiledRule, Entry
from app.gamification.ledger.book import chain
from app.gamification.ledger.checks import checks
from app.gamification.ledger.equation import cap_used, equation, level_name
from app.gamification.ledger.evidence import SHARES, events_of, line_row, miss_row, shares_of
from app.gamification.ledger.explanation import Explanation, OtherRule, Proof, Related, Share
from app.gamification.ledger.life import life
from app.gamification.ledger.outcome import Outcome, compiled, read_outcome, revision_number, rule_name, rule_of
from app.gamification.ledger.outlook import date_of
from app.gamification.ledger.words import play
from app.gamification.ledger.words.law import law_of, stays_open
from app.gamification.ledger.words.moves import said_of
from app.gamification.ledger.words.reasons import miss, refused, telling
from app.gamification.ledger.words.titles import CAUSES, MOVES, facts_in, short_name
from app.gamification.ledger.words.told import did, told
from app.gamification.members.sign_ins import SignedIn
from app.lib.clock import from_micros
from app.lib.i18n import Sentence, _l
from app.models.activity import ActivityFlag, Reason
from app.models.ledger import Cause, Code, State

BY_LAW = (Reason.LAW, Reason.RECOGNITION)


def explain_line(me: SignedIn, seq: int) -> Explanation:
    """One line of the member's own chain; raises NotFound."""
    row = line_row(me, seq)
    if row.code == Code.ACCRUAL and row.cause == Cause.ACTIVITY:
        return _award(me, row)
    return _move(me, row)


def explain_miss(me: SignedIn, seq: int) -> Explanation:
    """One decision without points; raises NotFound."""
    row = miss_row(me, seq)
    facts, outcome = facts_in(row.kind, row.data), read_outcome(row.outcome)
    reason = miss(row.reason, outcome, row.kind, facts, me.language)
    sentences = [did(row.kind, facts)]
    asked = checks(rule_of(reason.revision_id), facts, outcome, me.language) if reason.revision_id else ()
    if row.reason == Reason.LAW and (open_ := stays_open(me)) is not None:
        sentences.append(open_)
    telling_entry = telling(outcome.entries) if outcome.entries else None
    return Explanation(
        sentences=tuple(sentences),
        told=told(row, facts, me.zone),
        checks=asked,
        others=_others(outcome, telling_entry, me.language),
        law=law_of(outcome, row.kind, me.language) if outcome.entries or row.reason in BY_LAW else (),
        related=_related(row),
    )


def in_words(row: Any, language: str) -> tuple[Sentence, ...]:
    """The sentences of a line without its figures; `row` is one of evidence's lines."""
    if row.code != Code.ACCRUAL or row.cause != Cause.ACTIVITY:
        return said_of(row)
    facts, entry = facts_in(row.kind, row.data), read_outcome(row.outcome).entries[row.part // 2]
    return (did(row.kind, facts), *_pays(rule_of(entry[0]), facts, entry, language))


def _award(me: SignedIn, row: Any) -> Explanation:
    facts, outcome = facts_in(row.kind, row.data), read_outcome(row.outcome)
    entry = outcome.entries[row.part // 2]
    rule = rule_of(entry[0])
    return Explanation(
        sentences=(did(row.kind, facts), *_pays(rule, facts, entry, me.language)),
        tiles=equation(rule, facts, entry, me.language),
        told=told(row, facts, me.zone),
        checks=checks(rule, facts, outcome, me.language),
        cap=cap_used(entry),
        life=_life(me, row, outcome),
        others=_others(outcome, entry, me.language),
        law=law_of(outcome, row.kind, me.language),
        related=_related(row),
        proof=_proof(row),
    )


def _move(me: SignedIn, row: Any) -> Explanation:
    shares = shares_of(me, row.seq) if row.debit >= State.AVAILABLE else ()
    has_life = row.code == Code.RELEASE or (row.credit == State.AVAILABLE and row.batch == row.seq)
    outcome = read_outcome(row.outcome) if row.outcome and row.code == Code.RELEASE else None
    origin = () if row.origin is None else (Related(Sentence(_l("What had brought these points")), line=row.origin),)
    return Explanation(
        sentences=said_of(row),
        told=told(row, facts_in(row.kind, row.data), me.zone) if row.kind is not None else (),
        life=_life(me, row, outcome) if has_life else (),
        shares=tuple(_share(share) for share in shares),
        shares_left_out=max(0, shares[0].number - SHARES) if shares else 0,
        related=(*origin, *_played(row), *_related(row)),
        proof=_proof(row),
    )


def _pays(rule: CompiledRule, facts: Any, entry: Entry, language: str) -> list[Sentence]:
    """What the rule pays, and whatever bent it."""
    values: dict[str, Any] = {
        "rule": rule_name(rule.revision_id, language),
        "number": revision_number(rule),
        "rate": rule.rate(facts),
        "per": Sentence(bases.get(rule.definition.base.kind).per),
    }
    said = [Sentence(_l("The rule %(rule)s, revision %(number)s, pays %(rate)s %(per)s."), values)]
    if values["number"] > 1:
        values["day"] = date_of(rule.effective_from, compiled().zone)
        said = [
            Sentence(
                _l("The rule %(rule)s, revision %(number)s, in force since %(day)s, pays %(rate)s %(per)s."), values
            )
        ]
    if entry[GIVEN] < entry[WANTED]:
        given = {"given": entry[GIVEN], "wanted": entry[WANTED]}
        said.append(Sentence(_l("Its cap had room for %(given)s of %(wanted)s points."), given))
    if entry[SERVICE_ONLY]:
        said.append(Sentence(_l("By the rules of your client category these points buy recognition and service.")))
    if entry[AVAILABLE_AT] == 0:
        said.append(Sentence(_l("The statement was uploaded, so our staff look at it before the points are yours.")))
    return said


def _others(outcome: Outcome, own: Entry | None, language: str) -> tuple[OtherRule, ...]:
    """The other rules that looked at the activity."""
    found = []
    for entry in outcome.entries:
        if entry is own:
            continue
        if entry[1] == AWARDED:
            said = Sentence(_l("Paid %(points)s points on a line of its own"), {"points": entry[GIVEN]})
        else:
            said = refused(entry, language).headline
        found.append(OtherRule(rule_name(entry[0], language), said))
    return tuple(found)


def _life(me: SignedIn, row: Any, outcome: Outcome | None) -> tuple[Any, ...]:
    events = events_of(me, row.batch)
    earned = from_micros(row.origin_at if row.code == Code.RELEASE else row.occurred_at)
    if outcome is None:
        return life(row, events, Sentence("%(moment)s", {"moment": earned}), compiled().zone)
    level = level_name(compiled().ladder.named(outcome.level_id).key, me.language)
    when = Sentence(_l("%(moment)s, at %(level)s level"), {"moment": earned, "level": level})
    return life(row, events, when, compiled().zone)


def _related(row: Any) -> tuple[Related, ...]:
    """The report that changed this one, and the one that it changed."""
    found = []
    if row.newer is not None:
        is_bust = row.amended & ActivityFlag.BUSTS
        words = _l("How it was cancelled") if is_bust else _l("What was reported instead")
        found.append(_counted(words, row.newer, row.newer_line))
    if row.older is not None:
        found.append(_counted(_l("What was reported first"), row.older, row.older_line))
    return tuple(found)


def _played(row: Any) -> tuple[Related, ...]:
    """The challenge or badge that brought the points."""
    for cause, part in ((row.cause, row.part), (row.origin_cause, row.origin_part)):
        if cause in play.PLAYED:
            view, values = play.address_of(cause, part)
            words = _l("See the challenge") if cause == Cause.CHALLENGE else _l("See the badge")
            return (Related(Sentence(words), view=view, values=values),)
    return ()


def _counted(words: str, decision: int, line: int | None) -> Related:
    return Related(Sentence(words), missed=decision) if line is None else Related(Sentence(words), line=line)


def _share(row: Any) -> Share:
    if row.cause in play.PLAYED:
        return Share(row.batch, play.name_of(row.cause, row.part), row.amount)
    if row.kind is None:
        return Share(row.batch, Sentence(CAUSES.get(row.cause) or MOVES[row.code]), row.amount)
    what, day = short_name(row.kind, facts_in(row.kind, row.data)), date_of(row.occurred_at, compiled().zone)
    return Share(row.batch, Sentence(_l("%(what)s, %(day)s"), {"what": what, "day": day}), row.amount)


def _proof(row: Any) -> Proof:
    previous = bytes(row.previous or b"")
    outcome = row.outcome.encode() if row.cause == Cause.ACTIVITY and row.outcome else b""
    holds = chain(previous, tuple(row[:13]), outcome) == bytes(row.hash)
    return Proof(row.seq, _short(bytes(row.hash)), _short(previous), holds)


def _short(hash_: bytes) -> str:
    """The ends of a fingerprint: “9f3c 41d8 … b25e”."""
    digits = hash_.hex()
    return f"{digits[:4]} {digits[4:8]} … {digits[-4:]}" if digits else "–"
