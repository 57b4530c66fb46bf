"""Statements that the cast brought of accounts they had before: approved, waiting, looked through, and not accepted."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from random import Random

from sqlalchemy import bindparam, select

from app.gamification.insight import rollup
from app.gamification.statements import deciding, sending, work
from app.gamification.statements.told import Told
from app.models.base import read_one, transaction
from app.models.people import Member, Staff
from app.platforms.hints import Hints

_MEMBER = select(Member.id).where(Member.demo_role == bindparam("plays"))
_MANAGER = select(Staff.id).where(Staff.demo_role == "manager")
SERVER, CURRENCY = "Meridian-Live-2", "USD"
HEADINGS = "Time,Deal,Symbol,Type,Direction,Volume,Price,Commission,Fee,Swap,Profit,Position ID"
LONG_AGO = 420  # days before the season's end
CENT, MOMENT = Decimal("0.01"), "%Y.%m.%d %H:%M:%S"
PRICES = {"EURUSD": (1.0850, 5, 100_000), "GBPUSD": (1.2710, 5, 100_000), "XAUUSD": (2390.0, 2, 100)}


def bring(now: datetime) -> None:
    """Send, confirm and decide, with the worker's part done in between. Opens its transactions, at the season's end."""
    manager = int(read_one(_MANAGER).id)
    middle, arabic, chinese = (int(read_one(_MEMBER, {"plays": role}).id) for role in ("middle", "arabic", "chinese"))
    long_ago = now - timedelta(days=LONG_AGO)
    approved = _send(middle, "Old account 2023.csv", "3301877", 34, now - timedelta(days=22, hours=3), since=long_ago)
    _confirm(middle, approved, now - timedelta(days=22, hours=2))
    with transaction():
        deciding.approve(manager, approved, token="demo-approved", now=now - timedelta(days=5, hours=4))
    work.drain(now - timedelta(days=5, hours=4))
    wrong = _send(chinese, "history.csv", "3300412", 12, now - timedelta(days=4, hours=2), since=long_ago)
    _confirm(chinese, wrong, now - timedelta(days=4, hours=1))
    with transaction():
        deciding.reject(manager, wrong, "not_yours", now=now - timedelta(days=3, hours=7))
    work.drain(now - timedelta(days=3, hours=7))
    waiting = _send(arabic, "كشف الحساب.csv", "3302650", 48, now - timedelta(hours=20), since=long_ago)
    _confirm(arabic, waiting, now - timedelta(hours=19))
    second = _send(middle, "ReportHistory-3301877.csv", "3301877", 41, now - timedelta(hours=5), since=long_ago)
    _confirm(middle, second, now - timedelta(hours=5) + timedelta(minutes=2))
    _send(chinese, "交易记录.csv", "4419313", 27, now - timedelta(minutes=40), since=long_ago)
    rollup.fold(now)


def _send(member_id: int, name: str, login: str, trades: int, now: datetime, *, since: datetime) -> int:
    content = "\n".join([HEADINGS, *_rows(login, trades, since)]).encode()
    told = Told(Hints(login=login, server=SERVER, currency=CURRENCY))
    with transaction():
        import_id = sending.send(member_id, name, content, told, now=now)
    work.drain(now)
    return import_id


def _confirm(member_id: int, import_id: int, now: datetime) -> None:
    with transaction():
        sending.confirm(member_id, import_id, now=now)
    work.drain(now)


def _rows(login: str, trades: int, since: datetime) -> Iterator[str]:
    """Trades of weekdays by day, from a fixed chance: the same login has the same trades in every file and season."""
    chance, at = Random(login), since.replace(hour=9, minute=0, second=0, microsecond=0)
    for number in range(trades):
        at += timedelta(days=1 if at.weekday() < 4 else 7 - at.weekday())
        opened = at + timedelta(minutes=chance.randrange(480))
        closed = opened + timedelta(minutes=chance.randrange(4, 300))
        symbol = chance.choice(sorted(PRICES))
        price, digits, contract = PRICES[symbol]
        usual = price * (1 + chance.uniform(-0.02, 0.02))
        start, end = (Decimal(f"{at_:.{digits}f}") for at_ in (usual, usual * (1 + chance.gauss(0, 0.002))))
        lots, side = Decimal(chance.randrange(2, 40)) / 100, chance.choice(("buy", "sell"))
        profit = ((end - start) * lots * contract * (1 if side == "buy" else -1)).quantize(CENT, ROUND_HALF_EVEN)
        other = "sell" if side == "buy" else "buy"
        deal, position = int(login) * 100 + 2 * number, int(login) * 10 + number
        costs = f"{-7 * lots / 2:.2f},0.00,0.00"
        yield f"{opened:{MOMENT}},{deal},{symbol},{side},in,{lots},{start},0.00,0.00,0.00,0.00,{position}"
        yield f"{closed:{MOMENT}},{deal + 1},{symbol},{other},out,{lots},{end},{costs},{profit},{position}"
