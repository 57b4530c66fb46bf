"""Why a line says what it says, and why an activity earned nothing: recomputed from what was kept."""

from typing import Any

from sqlalchemy import text

from app.gamification.accrual.bases import bases
from app.gamification.accrual.rule import AVAILABLE_AT, AWARDED, GIVEN, SERVICE_ONLY, WANTED, CompiledRule, Entry
from app.gamification.errors import NotFound
from app.gamification.ledger.book import chain
from app.gamification.ledger.checks import checks
from app.gamification.ledger.equation import cap_used, equation, level_name
from app.gamification.ledger.explanation import Explanation, OtherRule, Proof, Related, Share
from app.gamification.ledger.life import good_until, life
from app.gamification.ledger.outcome import Outcome, compiled, read_outcome, revision_number, rule_name, rule_of
from app.gamification.ledger.outlook import date_of
from app.gamification.ledger.words.law import law_of, stays_open
from app.gamification.ledger.words.moves import said_of
from app.gamification.ledger.words.reasons import miss, refused, telling
from app.gamification.ledger.words.titles import CAUSES, MOVES, facts_in, short_name
from app.gamification.ledger.words.told import did, told
from app.gamification.members.sign_ins import SignedIn
from app.lib.clock import from_micros
from app.lib.i18n import Sentence, _l
from app.models.activity import ActivityFlag, Reason
from app.models.base import read_all, read_one
from app.models.ledger import Cause, Code, State, UnitId

SHARES = 8  # batches named one by one
BY_LAW = (Reason.LAW, Reason.RECOGNITION)


def _first_line(activity: str) -> str:
    return (
        f"(SELECT min(z.seq) FROM transfer z WHERE z.cause = {Cause.ACTIVITY} AND z.cause_id = {activity}"
        f" AND z.unit_id = {UnitId.POINTS})"
    )


_REPORT = f"""
    a.kind, a.data, a.deal, a.external_id, a.amends, a.verified, a.occurred_at AS acted_at,
    a.recorded_at AS reported_at, s.name AS source, s.key AS source_key, k.login, d.reason, d.outcome,
    x.flags AS amended, y.seq AS newer, {_first_line("x.id")} AS newer_line,
    w.seq AS older, {_first_line("v.id")} AS older_line
"""
# What amends the activity (x), and what it amends itself (v), with their decisions.
_AMENDMENTS = """
    LEFT JOIN activity x ON x.source_id = a.source_id AND x.amends = a.external_id {only}
    LEFT JOIN decision y ON y.activity_id = x.id AND y.member_id = :member
    LEFT JOIN activity v ON v.source_id = a.source_id AND v.external_id = a.amends
    LEFT JOIN decision w ON w.activity_id = v.id AND w.member_id = :member
"""
_LINE = text(
    f"""
    SELECT t.wallet_id, t.seq, t.unit_id, t.code, t.debit, t.credit, t.amount, t.balance, t.cause, t.cause_id, t.part,
        t.occurred_at, t.recorded_at, t.hash, p.hash AS previous, o.seq AS origin, o.part AS origin_part,
        o.occurred_at AS origin_at, b.seq AS batch, b.remaining, b.held, b.available_at, b.expires_at, b.idle_days,
        b.service_only, j.note, {_REPORT}
    FROM transfer t
    LEFT JOIN transfer p ON p.wallet_id = t.wallet_id AND p.seq = t.seq - 1
    LEFT JOIN transfer o ON o.wallet_id = t.wallet_id AND o.seq = CASE
        WHEN t.cause IN ({Cause.BATCH_RELEASE}, {Cause.BATCH_EXPIRY}, {Cause.REPAYMENT}, {Cause.REFUND}) THEN t.part
        WHEN t.cause = {Cause.REVERSAL} THEN t.part / 4 END
    LEFT JOIN batch b ON b.wallet_id = t.wallet_id AND b.seq = CASE
        WHEN t.cause IN ({Cause.BATCH_RELEASE}, {Cause.BATCH_EXPIRY}, {Cause.REVERSAL}) THEN o.seq ELSE t.seq END
    LEFT JOIN activity a ON a.id = CASE
        WHEN t.cause = {Cause.ACTIVITY} THEN t.cause_id WHEN o.cause = {Cause.ACTIVITY} THEN o.cause_id END
    LEFT JOIN decision d ON d.activity_id = a.id
    LEFT JOIN source s ON s.id = a.source_id
    LEFT JOIN trading_account k ON k.id = a.trading_account_id
    {_AMENDMENTS.format(only=f"AND t.cause = {Cause.REVERSAL} AND x.recorded_at = t.recorded_at")}
    LEFT JOIN adjustment j ON t.cause = {Cause.ADJUSTMENT} AND j.id = t.cause_id
    WHERE t.wallet_id = :member AND t.seq = :seq AND t.unit_id = {UnitId.POINTS}
    ORDER BY x.id LIMIT 1
    """
)
_MISSED = text(
    f"""
    SELECT {_REPORT}
    FROM decision d JOIN activity a ON a.id = d.activity_id
    JOIN source s ON s.id = a.source_id
    LEFT JOIN trading_account k ON k.id = a.trading_account_id
    {_AMENDMENTS.format(only="")}
    WHERE d.member_id = :member AND d.seq = :seq AND d.earned = 0
    ORDER BY x.id DESC LIMIT 1
    """
)
_EVENTS = text(
    f"""
    SELECT t.seq, t.code, t.debit, t.recorded_at, t.amount FROM transfer t
    WHERE t.cause = {Cause.BATCH_RELEASE} AND t.cause_id = :member AND t.part = :batch
    UNION ALL
    SELECT t.seq, t.code, t.debit, t.recorded_at, t.amount FROM transfer t
    WHERE t.cause = {Cause.REVERSAL} AND t.cause_id = :member AND t.part = 4 * :batch + 1
    UNION ALL
    SELECT t.seq, t.code, t.debit, t.recorded_at, l.amount
    FROM allocation l JOIN transfer t ON t.wallet_id = l.wallet_id AND t.seq = l.seq
    WHERE l.wallet_id = :member AND l.seq > :batch AND l.batch = :batch
    ORDER BY 1
    """
)
_SHARES = text(
    f"""
    SELECT l.batch, l.amount, o.cause, o.code, o.occurred_at, b.expires_at, b.idle_days, a.kind, a.data,
        count(*) OVER () AS number
    FROM allocation l
    JOIN transfer o ON o.wallet_id = l.wallet_id AND o.seq = l.batch
    JOIN batch b ON b.wallet_id = l.wallet_id AND b.seq = l.batch
    LEFT JOIN activity a ON o.cause = {Cause.ACTIVITY} AND a.id = o.cause_id
    WHERE l.wallet_id = :member AND l.seq = :seq ORDER BY l.amount DESC, l.batch LIMIT {SHARES}
    """
)


def explain_line(me: SignedIn, seq: int) -> Explanation:
    """One line of the member's own chain; raises NotFound."""
    row = read_one(_LINE, {"member": me.id, "seq": seq})
    if row is None:
        raise NotFound()
    if row.code == Code.ACCRUAL and row.cause == Cause.ACTIVITY:
        return _award(me, row)
    return _move(me, row)


def explain_miss(me: SignedIn, seq: int) -> Explanation:
    """One decision without points; raises NotFound."""
    row = read_one(_MISSED, {"member": me.id, "seq": seq})
    if row is None:
        raise NotFound()
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
        reason=reason,
    )


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
    shares = read_all(_SHARES, {"member": me.id, "seq": row.seq}) if row.debit >= State.AVAILABLE else ()
    has_life = row.code == Code.RELEASE or (row.credit == State.AVAILABLE and row.batch == row.seq)
    outcome = read_outcome(row.outcome) if row.outcome and row.code == Code.RELEASE else None
    origin = () if row.origin is None else (Related(Sentence(_l("What had brought these points")), line=row.origin),)
    return Explanation(
        sentences=said_of(row),
        told=told(row, facts_in(row.kind, row.data), me.zone) if row.kind is not None else (),
        life=_life(me, row, outcome) if has_life else (),
        shares=tuple(_share(share) for share in shares),
        shares_left_out=max(0, shares[0].number - SHARES) if shares else 0,
        related=(*origin, *_related(row)),
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
    events = read_all(_EVENTS, {"member": me.id, "batch": row.batch})
    earned = from_micros(row.origin_at if row.code == Code.RELEASE else row.occurred_at)
    if outcome is None:
        return life(row, events, Sentence("%(moment)s", {"moment": earned}), compiled().zone)
    level = level_name(compiled().ladder.level(outcome.level_id).key, me.language)
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


def _counted(words: str, decision: int, line: int | None) -> Related:
    return Related(Sentence(words), missed=decision) if line is None else Related(Sentence(words), line=line)


def _share(row: Any) -> Share:
    zone = compiled().zone
    if row.kind is not None:
        values = {"what": short_name(row.kind, facts_in(row.kind, row.data)), "day": date_of(row.occurred_at, zone)}
        about = Sentence(_l("%(what)s, %(day)s"), values)
    else:
        about = Sentence(CAUSES.get(row.cause) or MOVES[row.code])
    return Share(row.batch, about, row.amount, good_until(row.expires_at, row.idle_days, zone))


def _proof(row: Any) -> Proof:
    previous = bytes(row.previous or b"")
    outcome = row.outcome.encode() if row.cause == Cause.ACTIVITY and row.outcome else b""
    holds = chain(previous, tuple(row[:13]), outcome) == bytes(row.hash)
    return Proof(row.seq, _short(bytes(row.hash)), _short(previous), holds)


def _short(hash_: bytes) -> str:
    """The ends of a fingerprint: “9f3c 41d8 … b25e”."""
    digits = hash_.hex()
    return f"{digits[:4]} {digits[4:8]} … {digits[-4:]}" if digits else "–"
