"""Why something earned nothing: the reason as a headline. What it would have earned is never said."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.gamification.accrual.fields import FIELDS
from app.gamification.accrual.rule import REFUSED, Entry
from app.gamification.activities import BY_CODE, PaysFor
from app.gamification.ledger.outcome import Outcome, compiled, revision_number, rule_name, rule_of
from app.gamification.ledger.words.law import NOT_FOR_YOUR_CATEGORY
from app.gamification.ledger.words.terms import condition_missed
from app.gamification.policy.packs import Verdict
from app.lib.clock import from_day
from app.lib.i18n import Sentence, _l
from app.lib.periods import day_at
from app.models.activity import Reason


@dataclass(frozen=True, slots=True)
class Miss:
    """One reason. `value` of `needed` is drawn as a meter where both are figures."""

    key: str  # misses of one key are one chip
    headline: Sentence
    note: Sentence | None = None
    revision_id: int = 0  # of the rule that refused; 0 where none was asked
    value: Decimal | None = None
    needed: Decimal | None = None


CAPS_REACHED = {
    "activity": _l("Cap for one activity reached: %(used)s of %(limit)s"),
    "day": _l("Daily cap reached: %(used)s of %(limit)s"),
    "week": _l("Weekly cap reached: %(used)s of %(limit)s"),
    "month": _l("Monthly cap reached: %(used)s of %(limit)s"),
    "quarter": _l("Quarterly cap reached: %(used)s of %(limit)s"),
    "year": _l("Yearly cap reached: %(used)s of %(limit)s"),
}
AUDIENCES = {
    "levels": _l("Open to other levels than yours at the time"),
    "countries": _l("Not open in your country"),
    "classes": _l("Not open to your client category"),
}
CHIPS = {
    "seconds_open": _l("Open too short"),
    "pips_moved": _l("Moved too little"),
    "lots": _l("Too few lots"),
    "bonus_funds": _l("Bonus funds"),
    "has_stop_loss": _l("No stop-loss"),
    "symbol": _l("Other instruments"),
    "group": _l("Other instruments"),
    "name": _l("Other activities"),
    "amount": _l("Amount too small"),
    "score": _l("Score too low"),
    "CAP": _l("Cap reached"),
    "LAW": _l("Client category"),
    "RECOGNITION": _l("Recognition only"),
    "ROUNDS_TO_ZERO": _l("Rounds to zero"),
    "AUDIENCE": _l("For others"),
    "EXCLUSIVE": _l("Another rule"),
    "REPEATED": _l("Counted before"),
    "NO_RULE": _l("No rule"),
    "BEFORE_PROGRAMME": _l("Before the programme"),
    "NEVER_EARNS": _l("Account entries"),
    "BUST": _l("Cancellations"),
    "BUSTED": _l("Cancelled"),
    "SUPERSEDED": _l("Corrected"),
    "OTHER_ACCOUNT": _l("Other accounts"),
    "BLOCKED": _l("Paused"),
    "FAILED": _l("On our side"),
    "WITHDRAWN": _l("Taken back"),
}
# Reasons that no rule gave: headline and what follows from it.
PLAIN = {
    Reason.NO_RULE: (_l("No rule pays for this"), _l("It is kept with your activity all the same")),
    Reason.BEFORE_PROGRAMME: (_l("Before the programme"), _l("No rule was in force on that day")),
    Reason.BUST: (_l("This takes an activity back"), _l("What it had earned was taken back with it")),
    Reason.BUSTED: (_l("Cancelled by the broker"), _l("The cancellation had arrived before it was counted")),
    Reason.SUPERSEDED: (_l("Replaced by a newer report"), _l("The newer report counts in its place")),
    Reason.OTHER_ACCOUNT: (
        _l("Corrects a trade of another account"),
        _l("A correction counts for the same account only"),
    ),
    Reason.BLOCKED: (_l("Earning is paused for your account"), _l("Ask us, and we tell you why")),
    Reason.WITHDRAWN: (_l("A statement was taken back"), _l("What this trade of it had earned was taken back with it")),
    Reason.FAILED: (_l("We could not count this yet"), _l("It failed on our side. We were told and will count it")),
}
FORBIDDEN = {
    PaysFor.TRADING: _l("Your client category gets no points for trades"),
    PaysFor.DEPOSIT: _l("Your client category gets no points for deposits"),
}
NEVER_EARNS = {
    "interest": _l("Interest never earns"),
    "dividend": _l("Dividends never earn"),
    "bonus": _l("Bonuses never earn"),
    "cancelled": _l("Cancelled orders never earn"),
    "fee": _l("Fees never earn"),
}
# The order in which the reasons of several rules are told; a rule about something else is told last of all.
_RANK: dict[int, int] = {
    Reason.REPEATED: 0,
    Reason.CAP: 1,
    Reason.CONDITION: 2,
    Reason.ROUNDS_TO_ZERO: 3,
    Reason.AUDIENCE: 4,
    Reason.EXCLUSIVE: 5,
}
# A list of a thousand reasons has no time to ask the enum.
_NAMES: dict[int, str] = {reason: reason.name for reason in Reason}
_CONDITION = int(Reason.CONDITION)


def telling(entries: list[Entry]) -> Entry:
    """Of several refusals the one that a member is told."""
    return entries[0] if len(entries) == 1 else min(entries, key=_rank)


def _rank(entry: Entry) -> int:
    return _RANK[entry[2]] + 9 * is_about_something_else(entry)


def is_about_something_else(entry: Entry) -> bool:
    """Whether a rule refused because the activity is not what the rule is about."""
    return entry[1] == REFUSED and entry[2] == _CONDITION and FIELDS[entry[3]].selects


def key_of(reason: int, entries: list[Entry]) -> str:
    """The chip that a miss belongs to; the entries are needed where a condition failed."""
    if not entries:
        return _NAMES[reason]
    entry = telling(entries)
    return str(entry[3]) if entry[2] == _CONDITION else _NAMES[entry[2]]


def miss(reason: int, outcome: Outcome, kind: int, facts: Any, language: str) -> Miss:
    """Why an activity earned nothing."""
    key = _NAMES[reason]
    if outcome.entries:
        return refused(telling(outcome.entries), language)
    if reason == Reason.LAW:
        words = FORBIDDEN.get(
            outcome.pays_for or BY_CODE[kind].pays_for, _l("Your client category gets no points for this")
        )
        return Miss(key, Sentence(NOT_FOR_YOUR_CATEGORY), Sentence(words))
    if reason == Reason.RECOGNITION:
        return Miss(key, Sentence(_l("Counts as recognition, without points")), Sentence(_recognition(outcome)))
    if reason == Reason.NEVER_EARNS:
        words = NEVER_EARNS.get(facts.entry, _l("Entries of the account never earn"))
        return Miss(key, Sentence(words), Sentence(_l("Only closed trades do")))
    headline, note = PLAIN[Reason(reason)]
    return Miss(key, Sentence(headline), Sentence(note))


def refused(entry: Entry, language: str) -> Miss:
    """Why one rule did not pay."""
    revision_id, _, reason, *told = entry
    note = rule_note(revision_id, language)
    if reason == Reason.CONDITION:
        field, value, op, needed = told
        headline = condition_missed(field, op, value, needed)
        figures = _figures(value, needed) if op in (">=", ">") and FIELDS[field].type == "number" else (None, None)
        return Miss(field, headline, note, revision_id, *figures)
    if reason == Reason.CAP:
        per, used, limit = told[:3]
        headline = Sentence(CAPS_REACHED[per], {"used": used, "limit": limit})
        return Miss("CAP", headline, note, revision_id, *_figures(used, limit))
    if reason == Reason.ROUNDS_TO_ZERO:
        headline = Sentence(_l("Comes to %(exact)s, which rounds to 0"), {"exact": Decimal(told[0])})
        return Miss("ROUNDS_TO_ZERO", headline, note, revision_id)
    if reason == Reason.AUDIENCE:
        return Miss("AUDIENCE", Sentence(AUDIENCES[told[0]]), note, revision_id)
    if reason == Reason.REPEATED:
        values = {"day": from_day(day_at(told[0], compiled().zone))}
        headline = Sentence(_l("This lesson counted on %(day)s already: it counts once"), values)
        return Miss("REPEATED", headline, note, revision_id)
    paid = rule_name(told[0], language)
    return Miss("EXCLUSIVE", Sentence(_l("The rule %(rule)s goes before it"), {"rule": paid}), note, revision_id)


def rule_note(revision_id: int, language: str) -> Sentence:
    """Which rule it was: “Metals by the lot, revision 7”."""
    values = {"rule": rule_name(revision_id, language), "number": revision_number(rule_of(revision_id))}
    return Sentence(_l("%(rule)s, revision %(number)s"), values)


def _recognition(outcome: Outcome) -> str:
    if outcome.verdict == Verdict.RECOGNITION:
        return _l("Badge, progress and place are yours; your client category gets no points for it")
    return _l("The statement was not confirmed by your broker")


def _figures(value: Any, needed: Any) -> tuple[Decimal, Decimal]:
    return Decimal(value), Decimal(needed)
