"""What the cast has asked: an award that is held, answered; an activity that earned nothing, still open; and a level."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, text

from app.gamification.questions import answering, asking
from app.models.activity import Reason
from app.models.base import connection
from app.models.ledger import Cause, Code, State
from app.models.people import Member, Staff

ASKING = ("middle", "arabic", "chinese")

_MEMBER = select(Member.id).where(Member.demo_role == bindparam("plays"))
_MANAGER = select(Staff.id).where(Staff.demo_role == "manager")
# The largest award of the last days that still waits.
_HELD = text(
    f"""
    SELECT t.seq FROM transfer t JOIN batch b ON b.wallet_id = t.wallet_id AND b.seq = t.seq
    WHERE t.wallet_id = :member AND t.code = {Code.ACCRUAL} AND t.cause = {Cause.ACTIVITY}
        AND t.credit = {State.PENDING} AND b.held AND b.remaining > 0
    ORDER BY t.amount DESC, t.seq DESC LIMIT 1
    """
)
_MISSED = text(
    f"SELECT max(seq) FROM decision WHERE member_id = :member AND earned = 0 AND reason = {Reason.CONDITION}"
)
WHEN_FREE = (
    "I closed this one two days ago and can see the points, but I cannot spend them yet.\n\n"
    "Is something wrong with the trade, or do I only have to wait? I was hoping to use them this week."
)
THEY_ARE_HELD = (
    "Nothing is wrong, Amira. Points for trades are held for a few days, in case the trade is corrected.\n\n"
    "The day on which they are yours stands under “The life of these points”. You need not do anything."
)
WHY_NOTHING = (
    "أغلقت هذه الصفقة بعد دقائق قليلة لأن السعر تحرّك بسرعة، ولم أحصل على أي نقاط.\n"
    "هل تُحسب الصفقات القصيرة إذا كانت كبيرة الحجم؟"
)
WHICH_LEVEL = "我离下一个等级还差一点。这个月底之前达到的话，等级是立刻生效，还是下个月才开始?"
AT_ONCE = (
    "At once: the level counts from the trade that reaches it, and the trades after it already earn at its rate. "
    "Your page “Tiers” shows what is left."
)


def ask(now: datetime) -> None:
    """Ask, and answer what has an answer. Inside an open transaction, at the season's end."""
    conn = connection()
    manager: int = conn.execute(_MANAGER).scalar_one()
    middle, arabic, chinese = (conn.execute(_MEMBER, {"plays": role}).scalar_one() for role in ASKING)
    level = asking.ask(chinese, WHICH_LEVEL, _form(1), topic="tier", now=now - timedelta(days=4, hours=5))
    answering.answer(manager, level, AT_ONCE, _form(1), 1, close=True, now=now - timedelta(days=4, hours=1))
    if (held := conn.execute(_HELD, {"member": middle}).scalar()) is not None:
        free = asking.ask(middle, WHEN_FREE, _form(2), line=held, now=now - timedelta(hours=21))
        answering.answer(manager, free, THEY_ARE_HELD, _form(2), 1, now=now - timedelta(hours=18))
    if (miss := conn.execute(_MISSED, {"member": arabic}).scalar()) is not None:
        asking.ask(arabic, WHY_NOTHING, _form(3), miss=miss, now=now - timedelta(hours=3))


def _form(number: int) -> str:
    """The token of a form: the same in every season."""
    return f"{number:032x}"
