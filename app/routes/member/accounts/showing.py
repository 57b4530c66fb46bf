"""What is said of accounts and statements beside the figures that stand in them."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from app.gamification.statements.clock import NEW_YORK_CLOSE
from app.gamification.statements.shown import Import
from app.gamification.trading_accounts.reads import Accounts, Asked
from app.lib.i18n import Sentence, _l
from app.platforms.names import platform_name
from app.routes.formats import figure
from app.routes.language import gettext

DECLINED_FOR = timedelta(days=30)  # how long a page tells that an account was declined
# Where on its way of four steps a statement is; 5 when it has come to the end.
STEPS = {"reading": 1, "unreadable": 1, "read": 2, "storing": 3, "stored": 4, "approving": 4, "approved": 5}
WARNINGS = frozenset({"does_not_add_up", "demo_account"})
AHEAD = {
    "review": _l("The points wait until your broker has looked at it."),
    "recognition": _l("Statements that members bring earn no points here."),
    "trusted": _l("The points are yours as soon as everything is counted."),
}


def words(one: Import) -> dict[str, Any]:
    """How far a statement is, what it is worth in this programme, and the facts of the file."""
    step = STEPS.get(one.state, 4)
    if one.state == "stored" and not one.is_counted:
        step = STEPS["storing"]
    elif one.state == "stored" and one.trust != "review":
        step = 5
    recognised = sum(why.number for why in one.not_earning if why.key == "RECOGNITION")
    still_open = one.state in ("read", "unreadable")
    notes = [
        (sentence, "warn" if key in WARNINGS else "quiet")
        for key, sentence in zip(one.remark_keys, one.remarks, strict=True)
        # Whoever is asked for the number needs not be told as well.
        if key != "login_needed"
    ]
    notes += [(doubt.sentence, "quiet") for doubt in one.doubts if still_open and doubt.question is None]
    return {
        "notes": notes,
        "questions": [doubt for doubt in one.doubts if still_open and doubt.question is not None],
        "trust": one.trust,
        "step": step,
        "ahead": Sentence(AHEAD[one.trust]),
        "recognised": recognised,
        "without": [why for why in one.not_earning if why.key != "RECOGNITION"],
        "facts": _facts(one),
    }


def still_said(accounts: Accounts, now: datetime) -> list[Asked]:
    """The requests that wait, and those that were declined lately and not asked or answered anew since."""
    linked, said, answered = {account.id for account in accounts.linked}, [], set[int]()
    for asked in accounts.asked:
        is_news = asked.decided_at is not None and now - asked.decided_at < DECLINED_FOR
        if asked.state == "open" or (
            asked.state == "declined" and is_news and asked.account_id not in linked | answered
        ):
            said.append(asked)
        answered.add(asked.account_id)
    return said


def _facts(one: Import) -> list[tuple[Any, Any]]:
    facts: list[tuple[str, Any]] = [(_l("Platform"), platform_name(one.platform))]
    if one.currency:
        facts.append((_l("Currency"), one.currency))
    facts += [(_l("Rows in the file"), figure(one.rows_read)), (_l("Lots closed"), figure(Decimal(one.lots)))]
    others = (
        (_l("Trades still open"), one.open),
        (_l("Orders that never traded"), one.cancelled),
        (_l("Deposits, fees and the like"), one.balance_rows),
        (_l("Rows that could not be kept"), one.unusable),
    )
    facts += [(name, figure(number)) for name, number in others if number]
    clock = one.told.clock
    facts.append((_l("Clock"), gettext(_l("New York close")) if clock == NEW_YORK_CLOSE else clock))
    return [(gettext(name), value) for name, value in facts]
