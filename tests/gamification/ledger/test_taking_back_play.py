"""What challenges and badges have brought, taken back by hand and then once more by what completed them."""

from datetime import timedelta

from flask import Flask

from app.gamification.ledger.verify import verify
from app.models.activity import Reason
from app.models.ledger import Cause
from tests.gamification.ledger.test_adjusting import reverse
from tests.support.cast import Person
from tests.support.play import NOON, Said, balances, decided, play, trade, trader, transfers
from tests.support.playing import badge, challenge, entry, join, levels_held
from tests.support.proposals import approve

AT = NOON + timedelta(minutes=5)
LATER = NOON + timedelta(hours=1)


def test_a_reward_taken_back_by_hand_is_not_taken_twice(app: Flask, mia: Person, omar: Person):
    member = trader()
    before = balances(member)
    volume = challenge(claim=False, reward={"points": 250, "qualifying": True})
    medal = badge(points=[10, 20, 30])
    join(member, volume)
    trade_ = Said(trade(lots="3.00", at=AT), at=AT)
    play(member, trade_)
    brought = {row.cause: row.seq for row in transfers(member) if row.cause in (Cause.CHALLENGE, Cause.BADGE)}
    given = [row.seq for row in transfers(member) if row.cause == Cause.BADGE]
    for seq in (*given, next(row.seq for row in transfers(member) if row.cause == Cause.CHALLENGE)):
        approve(omar, reverse(mia, member, seq, at=LATER))
    assert set(brought) == {Cause.CHALLENGE, Cause.BADGE}
    play(member, Said(busts=trade_.id, at=AT), now=LATER + timedelta(minutes=1))
    found = entry(member, volume)
    assert found is not None and (found.state, found.points, found.points_seq) == (1, 0, None)
    assert medal not in levels_held(member)
    assert balances(member) == before
    told = decided(trade_.id)
    assert told is not None and told.reason == Reason.EARNED
    assert verify().bad is None
