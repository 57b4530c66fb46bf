"""What we were told of an activity, and by whom."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.gamification.activities import BY_KEY, CUSTOM
from app.gamification.ingest import APP, STATEMENTS, UPLOADS
from app.gamification.instruments import instrument
from app.gamification.ledger.explanation import Fact
from app.gamification.ledger.words.titles import as_it_is, named
from app.lib.clock import from_micros
from app.lib.i18n import Sentence, _l

Said = Iterator[tuple[str, Sentence]]


def told(activity: Any, facts: Any, zone: ZoneInfo) -> tuple[Fact, ...]:
    """The figures of a report; `activity` has kind, deal, external_id, login, occurred_at, reported_at and source."""
    return tuple(Fact(name, value) for name, value in _told(activity, facts, zone))


def did(kind: int, facts: Any) -> Sentence:
    """What the member did, as a sentence: “You closed 1.5 lots of XAUUSD after 42 min.”"""
    return Sentence(_l("Your broker took an earlier report back.")) if facts is None else _DID[kind](facts)


def moment(micros: int, zone: ZoneInfo) -> Sentence:
    """An instant to the second, as platforms show it."""
    local = from_micros(micros).astimezone(zone)
    return Sentence(_l("%(day)s, %(time)s"), {"day": local.date(), "time": f"{local:%H:%M:%S}"})


def duration(seconds: int) -> Sentence:
    """How long something was open, in the two units that matter."""
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if minutes < 2:
        return Sentence(_l("%(value)s s"), {"value": seconds})
    if hours < 2:
        return Sentence(_l("%(minutes)s min"), {"minutes": minutes})
    if days < 2:
        return Sentence(_l("%(hours)s h %(minutes)s min"), {"hours": hours, "minutes": minutes % 60})
    return Sentence(_l("%(days)s d %(hours)s h"), {"days": days, "hours": hours % 24})


def _told(activity: Any, facts: Any, zone: ZoneInfo) -> Said:
    if activity.deal:
        yield _l("Ticket"), as_it_is(activity.deal)
    elif activity.source_key != APP:
        yield _l("Reference"), as_it_is(activity.external_id)
    if activity.login:
        yield _l("Account"), as_it_is(activity.login)
    if facts is not None and activity.kind in _FIGURES:
        yield from _FIGURES[activity.kind](facts, zone)
    if activity.kind != _TRADE:
        yield _l("Happened"), moment(activity.acted_at, zone)
    yield _l("Received"), moment(activity.reported_at, zone)
    if activity.amends:
        yield _l("Changes report"), as_it_is(activity.amends)
    if activity.source_key != APP:
        known = _SOURCES.get(activity.source_key)
        yield _l("Reported by"), Sentence(known) if known else as_it_is(activity.source)


def _trade(trade: Any, zone: ZoneInfo) -> Said:
    side = _l("Buy %(symbol)s") if trade.side > 0 else _l("Sell %(symbol)s")
    yield _l("Side"), Sentence(side, {"symbol": trade.symbol})
    yield _l("Lots"), as_it_is(Decimal(trade.lots))
    yield _l("Opened"), moment(trade.opened_at * 1000, zone)
    yield _l("Closed"), moment(trade.closed_at * 1000, zone)
    yield _l("Price"), as_it_is(f"{trade.open_price} – {trade.close_price}")


def _money(facts: Any, _zone: ZoneInfo) -> Said:
    if facts.amount is not None:
        amount = {"amount": Decimal(facts.amount), "currency": facts.currency or ""}
        yield _l("Amount"), Sentence("%(amount)s %(currency)s", amount)


def _deposit(deposit: Any, zone: ZoneInfo) -> Said:
    yield from _money(deposit, zone)
    if deposit.method:
        yield _l("Method"), as_it_is(named("method", deposit.method))


def _lesson(lesson: Any, _zone: ZoneInfo) -> Said:
    yield _l("Lesson"), as_it_is(named("lesson", lesson.lesson))
    if lesson.score is not None:
        yield _l("Score"), as_it_is(lesson.score)


def _purchase(purchase: Any, zone: ZoneInfo) -> Said:
    yield _l("Partner"), as_it_is(named("partner", purchase.partner))
    yield from _money(purchase, zone)


def _own(own: Any, zone: ZoneInfo) -> Said:
    yield _l("Name"), as_it_is(named("custom", own.name))
    yield _l("Count"), as_it_is(own.times)
    yield from _money(own, zone)


def _did_trade(trade: Any) -> Sentence:
    lots, seconds = Decimal(trade.lots), (trade.closed_at - trade.opened_at) // 1000
    values = {"lots": lots, "symbol": instrument(trade.symbol).symbol, "duration": duration(seconds)}
    if lots == 1:
        return Sentence(_l("You closed 1 lot of %(symbol)s after %(duration)s."), values)
    return Sentence(_l("You closed %(lots)s lots of %(symbol)s after %(duration)s."), values)


def _did_deposit(deposit: Any) -> Sentence:
    values = {"amount": Decimal(deposit.amount), "currency": deposit.currency}
    return Sentence(_l("You deposited %(amount)s %(currency)s."), values)


def _did_purchase(purchase: Any) -> Sentence:
    partner = named("partner", purchase.partner)
    values = {"amount": Decimal(purchase.amount), "currency": purchase.currency, "partner": partner}
    return Sentence(_l("You spent %(amount)s %(currency)s at %(partner)s."), values)


def _plainly(key: str, words: str, name: str = "", term: str = "") -> tuple[int, Callable[[Any], Sentence]]:
    """A sentence with at most one key of the broker's, by the name that its kind of term has for it."""
    said = term or name
    return BY_KEY[key].code, lambda facts: Sentence(words, {name: named(said, getattr(facts, name))} if name else {})


_SOURCES = {
    "broker": _l("Your broker's systems"),
    STATEMENTS: _l("A statement, by our staff"),
    UPLOADS: _l("A statement that you uploaded"),
}
_TRADE = BY_KEY["trade.closed"].code
_FIGURES: dict[int, Callable[[Any, ZoneInfo], Said]] = {
    _TRADE: _trade,
    BY_KEY["deposit.made"].code: _deposit,
    BY_KEY["account.entry"].code: _money,
    BY_KEY["lesson.passed"].code: _lesson,
    BY_KEY["partner.purchase"].code: _purchase,
    CUSTOM: _own,
}
_DID: dict[int, Callable[[Any], Sentence]] = {
    _TRADE: _did_trade,
    BY_KEY["deposit.made"].code: _did_deposit,
    BY_KEY["partner.purchase"].code: _did_purchase,
    **dict(
        (
            _plainly("account.entry", _l("Your broker reported an entry of your account.")),
            _plainly("visit", _l("You visited the programme that day.")),
            _plainly("lesson.passed", _l("You passed the lesson %(lesson)s."), "lesson"),
            _plainly("journal.written", _l("You wrote in your trading journal.")),
            _plainly("kyc.verified", _l("Your identity was verified.")),
            _plainly("survey.answered", _l("You answered the survey %(survey)s."), "survey"),
            _plainly("member.joined", _l("You joined the programme.")),
            _plainly("rest.kept", _l("You kept a rest day that you had planned.")),
            _plainly("custom", _l("Your broker reported %(name)s."), "name", "custom"),
        )
    ),
}
