"""The ledger against a model in plain Python: whatever happens, in whatever order, both hold the same."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import text

from app.gamification import ingest, pipeline
from app.gamification.activities import Custom, Incoming, incoming, kind_of
from app.gamification.errors.points import NotEnoughPoints
from app.gamification.ledger import lapsing, wallets
from app.gamification.ledger.verify import verify_wallet
from app.gamification.members.enrolment import enrol
from app.models.activity import ActivityFlag
from app.models.base import read_one, transaction
from app.models.people import ClientClass
from tests.support.programmes import publish

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
LAPSE_DAYS, HOLD_DAYS = 10, 3
people = count()


@dataclass
class ModelBatch:
    number: int
    amount: int
    held_until: datetime | None
    lapses_at: datetime | None
    left: int = -1
    held: bool = False

    def __post_init__(self) -> None:
        self.left = self.amount if self.left < 0 else self.left
        self.held = self.held_until is not None


@dataclass
class ModelWallet:
    """The rules of the ledger in the fewest words."""

    batches: list[ModelBatch] = field(default_factory=list)
    debt: int = 0
    lifetime: int = 0

    @property
    def available(self) -> int:
        return sum(batch.left for batch in self.batches if not batch.held)

    @property
    def pending(self) -> int:
        return sum(batch.left for batch in self.batches if batch.held)

    def give(self, amount: int, held_until: datetime | None, lapses_at: datetime | None) -> ModelBatch:
        batch = ModelBatch(len(self.batches), amount, held_until, lapses_at)
        self.batches.append(batch)
        if not batch.held:
            self.pay_debt(batch)
        return batch

    def pay_debt(self, batch: ModelBatch) -> None:
        paid = min(self.debt, batch.left)
        self.debt -= paid
        batch.left -= paid

    def take(self, amount: int, first: ModelBatch | None = None) -> list[tuple[ModelBatch, int]]:
        open_ = sorted(
            (batch for batch in self.batches if batch.left and not batch.held),
            key=lambda batch: (batch is not first, batch.lapses_at or datetime.max.replace(tzinfo=UTC), batch.number),
        )
        shares = []
        for batch in open_:
            share = min(batch.left, amount)
            if share:
                batch.left -= share
                amount -= share
                shares.append((batch, share))
        self.debt += amount
        return shares

    def take_back(self, batch: ModelBatch) -> None:
        self.lifetime -= batch.amount
        if batch.held:
            batch.left = 0
        else:
            self.take(batch.amount, first=batch)


def midnight(now: datetime, days: int) -> datetime:
    """Midnight so many days on in Nicosia, the programme's zone of the tests; nights when clocks change are days too."""
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Europe/Nicosia")
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=days), datetime.min.time(), zone)


class LedgerMachine(RuleBasedStateMachine):
    """One member's life."""

    def __init__(self) -> None:
        super().__init__()
        self.number = next(people)
        self.now = START
        self.model = ModelWallet()
        self.names = count()
        self.sent: dict[str, Incoming] = {}
        self.standing: dict[str, ModelBatch | None] = {}  # original → what its chain earned last
        self.amended: set[str] = set()
        self.redemptions: dict[int, list[tuple[ModelBatch, int]]] = {}
        with transaction():
            self.member = enrol(
                f"member{self.number}@example.com",
                "Alice",
                now=START,
                country="AE",
                client_class=ClientClass.PROFESSIONAL,
                entity_key="global",
            )
            self.source = ingest.source("broker")
        pipeline.drain()
        # Joining pays 100 points that lapse in a year.
        welcome = self.model.give(100, None, START + timedelta(days=380))
        self.model.lifetime += welcome.amount

    def send(self, item: Incoming) -> str:
        self.now += timedelta(seconds=1)
        with transaction():
            status = ingest.accept(self.source, [item], self.now)[0].status
        pipeline.drain()
        return str(status)

    def item(
        self, name: str, points: int, kind: str = "custom.gain", amends: str | None = None, flags: int = 0
    ) -> Incoming:
        data = None if flags & ActivityFlag.BUSTS else Custom(count=points)
        kind_ = kind_of(kind)
        assert kind_ is not None
        return incoming(
            f"{self.number}-{name}",
            kind_,
            data,
            self.now,
            key=kind,
            member_id=self.member,
            amends=f"{self.number}-{amends}" if amends else None,
            flags=flags,
        )

    def earn_in_model(self, points: int, held: bool) -> ModelBatch:
        self.model.lifetime += points
        lapses = midnight(self.now, LAPSE_DAYS + 1)
        return self.model.give(points, midnight(self.now, HOLD_DAYS) if held else None, lapses)

    @rule(points=st.integers(1, 1000), held=st.booleans())
    def earn(self, points: int, held: bool) -> None:
        name = f"a{next(self.names)}"
        item = self.item(name, points, "custom.held" if held else "custom.gain")
        assert self.send(item) == "accepted"
        self.sent[name] = item
        self.standing[name] = self.earn_in_model(points, held)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        assert self.send(self.sent[data.draw(st.sampled_from(sorted(self.sent)))]) == "duplicate"

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def conflict(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.sent)))
        assert self.send(self.item(name, 77_777)) == "conflict"

    @precondition(lambda self: self.standing)
    @rule(data=st.data(), points=st.integers(1, 1000))
    def correct(self, data: st.DataObject, points: int) -> None:
        name = data.draw(st.sampled_from(sorted(self.standing)))
        self.amend(name, points)

    @precondition(lambda self: self.standing)
    @rule(data=st.data())
    def bust(self, data: st.DataObject) -> None:
        self.amend(data.draw(st.sampled_from(sorted(self.standing))), None)

    @rule(points=st.one_of(st.none(), st.integers(1, 1000)))
    def amend_what_comes_later(self, points: int | None) -> None:
        name = f"a{next(self.names)}"
        self.standing[name] = None
        self.amend(name, points)
        # The original arrives now, and earns nothing.
        item = self.item(name, 500)
        assert self.send(item) == "accepted"
        self.sent[name] = item

    def amend(self, name: str, points: int | None) -> None:
        flag = ActivityFlag.BUSTS if points is None else ActivityFlag.CORRECTS
        assert self.send(self.item(f"c{next(self.names)}", points or 0, amends=name, flags=flag)) == "accepted"
        if (batch := self.standing[name]) is not None:
            self.model.take_back(batch)
        self.standing[name] = None if points is None else self.earn_in_model(points, held=False)

    @rule(amount=st.integers(1, 1500))
    def redeem(self, amount: int) -> None:
        self.now += timedelta(seconds=1)
        number = next(redemptions)
        if amount > self.model.available:
            with pytest.raises(NotEnoughPoints), transaction():
                wallets.redeem(self.member, amount, number, self.now)
            return
        with transaction():
            wallets.redeem(self.member, amount, number, self.now)
        self.redemptions[number] = self.model.take(amount)

    @precondition(lambda self: self.redemptions)
    @rule(data=st.data())
    def refund(self, data: st.DataObject) -> None:
        self.now += timedelta(seconds=1)
        number = data.draw(st.sampled_from(sorted(self.redemptions)))
        with transaction():
            wallets.refund(self.member, number, self.now)
        for batch, share in sorted(self.redemptions.pop(number), key=lambda pair: pair[0].number):
            lapses = None if batch.lapses_at is None else max(batch.lapses_at, self.now + timedelta(days=7))
            self.model.give(share, None, lapses)

    @rule(amount=st.integers(-400, 400).filter(bool))
    def adjust(self, amount: int) -> None:
        self.now += timedelta(seconds=1)
        if amount < -self.model.available:
            with pytest.raises(NotEnoughPoints), transaction():
                wallets.adjust(self.member, amount, "test", self.now)
            return
        with transaction():
            wallets.adjust(self.member, amount, "test", self.now)
        if amount > 0:
            self.model.give(amount, None, None)
        else:
            self.model.take(-amount)

    @rule(hours=st.integers(1, 24 * 12))
    def time_goes_by(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        lapsing.release_due(self.now)
        lapsing.expire_due(self.now)
        due = [batch for batch in self.model.batches if batch.held and batch.left and batch.held_until <= self.now]
        for batch in sorted(due, key=lambda batch: (batch.held_until, batch.number)):
            batch.held = False
            self.model.pay_debt(batch)
        for batch in self.model.batches:
            if not batch.held and batch.lapses_at is not None and batch.lapses_at <= self.now:
                batch.left = 0

    @rule(points=st.integers(1, 1000))
    def crash(self, points: int) -> None:
        """A transaction that dies leaves nothing; the sender sends again."""
        item = self.item(f"a{next(self.names)}", points)
        with pytest.raises(ZeroDivisionError), transaction():
            ingest.accept(self.source, [item], self.now)
            _ = 1 // 0
        assert pipeline.drain() == 0

    @invariant()
    def both_hold_the_same(self) -> None:
        wallet = read_one(
            text("SELECT available, pending, debt, lifetime FROM wallet WHERE id = :id"), {"id": self.member}
        )
        model = self.model
        assert tuple(wallet) == (model.available, model.pending, model.debt, model.lifetime)

    @invariant()
    def the_chain_holds(self) -> None:
        assert verify_wallet(self.member) is None


redemptions = count(1)


def test_the_ledger_agrees_with_a_model_after_every_step(app):
    publish(
        "gain",
        {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}, "expiry": {"mode": "days", "n": LAPSE_DAYS}},
    )
    publish(
        "held",
        {
            "kind": "custom.held",
            "base": {"kind": "count", "rate": "1"},
            "expiry": {"mode": "days", "n": LAPSE_DAYS},
            "hold_days": HOLD_DAYS,
        },
    )
    run_state_machine_as_test(LedgerMachine)
