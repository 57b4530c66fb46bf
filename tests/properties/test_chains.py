"""Deals reported by several sources, corrected, busted and uploaded in any order: of each deal at most one report counts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.gamification import backlog, pipeline
from app.gamification.activities import Custom
from app.gamification.ledger.verify import verify
from app.gamification.members.enrolment import link
from app.models.activity import Reason
from app.models.base import read_all, reader, transaction
from tests.support.examples import examples
from tests.support.play import NOON, Said, report, trader
from tests.support.programmes import end_all_rules, publish, set_trust

ACCOUNTS = [("mt5", "Live", login) for login in ("1", "2", "3")]  # two of one member, one of another
TABLES = {
    "decision": "member_id, seq",
    "transfer": "wallet_id, seq",
    "batch": "wallet_id, seq",
    "wallet": "id",
    "cap_use": "member_id, rule_id, day",
    "qualifying_day": "member_id, day",
}


@dataclass(frozen=True)
class Report:
    """One report as hypothesis draws it; `amends` is the place of another in the plan, be it of anybody."""

    source: str
    account: int
    deal: int | None
    amends: int | None
    is_bust: bool
    points: int
    days_before: int

    def said(self, place: int, at: Any) -> Said:
        target = None if self.amends is None else f"a{self.amends}"
        is_bust = self.is_bust and target is not None
        return Said(
            None if is_bust else Custom(count=self.points),
            "custom.gain",
            at - timedelta(days=self.days_before),
            f"a{place}",
            ACCOUNTS[self.account],
            None if self.deal is None else str(self.deal),
            None if is_bust else target,
            target if is_bust else None,
        )


reports = st.builds(
    Report,
    st.sampled_from(["broker", "broker", "statements", "uploads"]),
    st.sampled_from([0, 0, 0, 0, 1, 2]),
    st.sampled_from([None, 0, 0, 1]),
    st.one_of(st.none(), st.integers(0, 9)),
    st.booleans(),
    st.integers(1, 150),
    st.integers(0, 40),
)


def live(start_over: Callable[[], None], plan: list[Report], trust: str, *, fold_each: bool, at_once: int = 0) -> None:
    """A new installation in which the reports come one after the other."""
    start_over()
    end_all_rules()
    caps = [{"per": "week", "points": 300}, {"per": "month", "points": 700}]
    publish("gain", {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}, "caps": caps})
    set_trust(trust)
    members = [trader(), trader()]
    with transaction():
        for place, account in enumerate(ACCOUNTS):
            link(members[place // 2], *account, now=NOON)
    for place, one in enumerate(plan):
        at = NOON + timedelta(seconds=place)
        report(None, one.said(place, at), now=at, source=one.source)
        if fold_each:
            pipeline.drain()
    while pipeline.run(at_once):
        pass


def everything() -> dict[str, list[Any]]:
    with reader().connect() as conn:
        return {
            table: [tuple(row) for row in conn.execute(text(f"SELECT * FROM {table} ORDER BY {order}"))]
            for table, order in TABLES.items()
        }


def chains() -> Iterable[set[int]]:
    """Activities of one account that name each other or the same deal, each chain a set of ids."""
    rows = read_all(
        text(
            "SELECT a.id, a.source_id, a.external_id, a.amends, a.trading_account_id, a.deal FROM activity a"
            " JOIN decision d ON d.activity_id = a.id WHERE d.reason <> :other AND a.trading_account_id IS NOT NULL"
        ),
        {"other": int(Reason.OTHER_ACCOUNT)},
    )
    found: dict[Any, set[Any]] = {}
    for id_, source, name, amends, account, deal in rows:
        names = [("id", id_), (account, source, name)]
        names += [(account, source, amends)] if amends is not None else []
        names += [(account, "deal", deal)] if deal is not None else []
        joined: set[Any] = set(names).union(*(found.get(one, set()) for one in names))
        found |= dict.fromkeys(joined, joined)
    return [
        {one[1] for one in chain if one[0] == "id"} for chain in {id(chain): chain for chain in found.values()}.values()
    ]


def standing() -> set[int]:
    """Activities whose points have not been taken back."""
    undone = "SELECT 1 FROM transfer r WHERE r.cause = 4 AND r.cause_id = t.wallet_id AND r.part / 4 = t.seq"
    rows = read_all(
        text(f"SELECT t.cause_id FROM transfer t WHERE t.cause = 1 AND t.code = 1 AND NOT EXISTS ({undone})")
    )
    return {row.cause_id for row in rows}


@settings(max_examples=examples(15))
@given(st.lists(reports, min_size=3, max_size=10), st.sampled_from(["review", "recognition", "trusted"]))
def test_of_each_deal_at_most_one_report_counts_however_they_come(app, start_over, plan, trust):
    live(start_over, plan, trust, fold_each=False)
    counting = standing()
    assert [chain for chain in chains() if len(chain & counting) > 1] == []
    assert verify().bad is None
    assert backlog.read().failed == 0
    at_once = everything()
    live(start_over, plan, trust, fold_each=True)
    assert everything() == at_once
    live(start_over, plan, trust, fold_each=False, at_once=1)
    assert everything() == at_once
