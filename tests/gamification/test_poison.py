"""An activity on which the programme fails: everything else goes on, staff are told, and it counts once mended."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.gamification import backlog, pipeline, preview
from app.gamification.activities import BY_KEY, Custom, incoming
from app.gamification.ledger.verify import verify
from app.gamification.measures.measure import Measure, Seen, measures
from app.gamification.programme import Programme
from app.gamification.state import Happening, MemberState
from app.models.activity import Reason
from app.models.base import read_all, read_one, transaction
from tests.support.play import NOON, Said, balances, decided, report, trade, trader, wallet
from tests.support.playing import badge, challenge, join, progress
from tests.support.programmes import end_all_rules, publish

SECOND = timedelta(seconds=1)
BAD = "bad"


@pytest.fixture(autouse=True)
def gains(app: Flask) -> None:
    end_all_rules()
    publish("gain", {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}})


def gain(id: str, points: int = 10, **more: Any) -> Said:
    return Said(Custom(count=points), "custom.gain", id=id, **more)


def raises(state: MemberState, activity: Happening, programme: Programme) -> None:
    if activity.external_id.startswith(BAD):
        raise ZeroDivisionError("a rule that nobody tried out")


def breaks_the_balance(state: MemberState, activity: Happening, programme: Programme) -> None:
    """What the database's own checks refuse when the round is written."""
    if activity.external_id.startswith(BAD):
        state.book.pending -= 10**9


def overflows(state: MemberState, activity: Happening, programme: Programme) -> None:
    """What no column can hold."""
    if activity.external_id.startswith(BAD):
        state.qualifying = 2**70


@contextmanager
def broken(step: pipeline.Step) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pipeline, "STEPS", (*pipeline.STEPS, step))
        yield


STEPS = pytest.mark.parametrize("step", [raises, breaks_the_balance, overflows])


@STEPS
def test_the_others_of_the_member_and_of_the_round_go_on(step: pipeline.Step):
    before, tara, after = (trader() for _ in range(3))
    for place, member_id in enumerate((before, tara, after)):
        report(member_id, gain(f"first{place}"), gain(f"last{place}", at=NOON + SECOND), now=NOON + 2 * SECOND)
    report(tara, gain(BAD), now=NOON + SECOND)
    with broken(step):
        assert pipeline.drain() == 7
    assert [balances(member_id)[0] for member_id in (before, tara, after)] == [20, 20, 20]
    assert backlog.read().queued == 0
    found = decided(BAD)
    assert found is not None
    assert (found.reason, found.earned, found.context) == (Reason.FAILED, 0, [])
    assert verify().bad is None


def test_the_error_is_kept_with_the_place_where_it_arose():
    report(trader(), gain(BAD))
    with broken(raises):
        pipeline.drain()
    found = decided(BAD)
    assert found is not None
    (error, message, place) = found.entry
    assert (error, message) == ("ZeroDivisionError", "a rule that nobody tried out")
    assert place.startswith("test_poison.py:")


def test_readiness_tells_and_the_visitors_stay(client: FlaskClient):
    report(trader(), gain(BAD))
    with broken(raises):
        pipeline.drain()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json()["failed_decisions"] == 1
    assert any("failed" in warning for warning in answer.get_json()["warnings"])


@STEPS
def test_once_mended_it_counts_and_keeps_its_new_place(step: pipeline.Step):
    tara = trader()
    report(tara, gain("one"))
    report(tara, gain(BAD, 7), now=NOON + SECOND)
    report(tara, gain("two"), now=NOON + 2 * SECOND)
    with broken(step):
        pipeline.drain()
    seqs = {id: found.seq for id in ("one", BAD, "two") if (found := decided(id))}
    assert sorted(seqs, key=seqs.__getitem__) == ["one", BAD, "two"]
    with transaction():
        assert pipeline.reprocess() == 1
    assert pipeline.drain() == 1
    again = decided(BAD)
    assert again is not None
    assert (again.reason, again.earned) == (Reason.EARNED, 7)
    assert again.seq > seqs["two"]
    assert balances(tara) == (27, 0, 0, 27)
    assert wallet(tara).qualifying == 27
    with transaction():
        assert pipeline.reprocess() == 0


def test_reprocessing_before_it_is_mended_fails_again_and_harms_nobody():
    tara = trader()
    report(tara, gain("one"), gain(BAD))
    with broken(raises):
        pipeline.drain()
        with transaction():
            pipeline.reprocess()
        assert pipeline.drain() == 1
    assert backlog.read().failed == 1
    assert balances(tara)[0] == 10


def test_reprocessing_one_member_leaves_the_others():
    tara, toni = trader(), trader()
    report(tara, gain("bad1"))
    report(toni, gain("bad2"))
    with broken(raises):
        pipeline.drain()
    with transaction():
        assert pipeline.reprocess(toni) == 1
    pipeline.drain()
    assert (balances(tara)[0], balances(toni)[0]) == (0, 10)


@STEPS
def test_several_in_one_round_fail_each_for_itself(step: pipeline.Step):
    tara = trader()
    report(tara, *(gain(f"{BAD}{n}" if n % 3 == 0 else f"good{n}", at=NOON + n * SECOND) for n in range(9)))
    with broken(step):
        assert pipeline.drain() == 9
    assert (backlog.read().failed, backlog.read().queued) == (3, 0)
    assert balances(tara)[0] == 60


@STEPS
def test_a_correction_of_what_failed_counts_and_the_mended_original_does_not(step: pipeline.Step):
    tara = trader()
    report(tara, gain(BAD, 100))
    with broken(step):
        pipeline.drain()
    report(tara, gain("c", 30, corrects=BAD), now=NOON + SECOND)
    pipeline.drain()
    with transaction():
        pipeline.reprocess()
    pipeline.drain()
    found = decided(BAD)
    assert found is not None
    assert found.reason == Reason.SUPERSEDED
    assert balances(tara) == (30, 0, 0, 30)


def test_a_correction_that_failed_undoes_nothing_until_it_is_mended():
    tara = trader()
    report(tara, gain("x", 100))
    report(tara, gain("bad correction", 30, corrects="x"), now=NOON + SECOND)
    with broken(raises):
        pipeline.drain()
    assert balances(tara)[0] == 100
    with transaction():
        pipeline.reprocess()
    pipeline.drain()
    assert balances(tara) == (30, 0, 0, 30)


def test_a_member_who_cannot_even_be_told_of_the_failure_holds_up_nobody(monkeypatch: pytest.MonkeyPatch):
    stuck, toni = trader(), trader()
    report(stuck, gain("x"))
    report(toni, gain("y"))
    fold = pipeline.fold

    def fold_but_never_that_member(state: MemberState, *rest: Any) -> None:
        if state.id == stuck and state.happenings:
            raise RuntimeError("the wallet is damaged")
        fold(state, *rest)

    monkeypatch.setattr(pipeline, "fold", fold_but_never_that_member)
    assert pipeline.run() == 1
    assert balances(toni)[0] == 10
    assert backlog.read().queued == 1
    with pytest.raises(RuntimeError, match="damaged"):  # nothing else to do: the worker slows down and says so
        pipeline.run()


def test_a_database_that_is_away_is_nobodys_fault(monkeypatch: pytest.MonkeyPatch):
    report(trader(), gain("x"))

    def away(*_: Any) -> None:
        raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))

    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "fold", away)
        with pytest.raises(OperationalError):
            pipeline.run()
    assert (backlog.read().failed, backlog.read().queued) == (0, 1)
    assert pipeline.drain() == 1


def test_awards_beyond_what_a_balance_holds_fail_alone():
    publish("rich", {"kind": "custom.rich", "base": {"kind": "amount", "rate": "999999999"}})
    tara = trader()
    rich = Said(Custom(amount="999999999999"), "custom.rich", id="rich")
    report(tara, rich, gain("x"))
    pipeline.drain()
    found = decided("rich")
    assert found is not None
    assert (found.reason, found.entry[0]) == (Reason.FAILED, "OverflowError")
    assert balances(tara)[0] == 10


def test_each_activity_has_one_decision_and_a_place_of_its_own():
    tara = trader()
    report(tara, *(gain(f"{BAD}{n}" if n % 2 else f"good{n}") for n in range(20)))
    with broken(raises):
        pipeline.drain()
    with transaction():
        pipeline.reprocess()
    pipeline.drain()
    rows = read_all(text("SELECT seq, activity_id FROM decision WHERE member_id = :id"), {"id": tara})
    assert len({row.seq for row in rows}) == len({row.activity_id for row in rows}) == 21
    assert read_one(text("SELECT decisions FROM wallet WHERE id = :id"), {"id": tara})[0] == max(
        row.seq for row in rows
    )


@STEPS
def test_a_history_of_nothing_but_failures_is_not_begun_anew_for_each(step: pipeline.Step):
    tara, folded = trader(), []
    report(tara, *(gain(f"{BAD}{n}") for n in range(60)), gain("x"))

    def counted(state: MemberState, activity: Happening, programme: Programme) -> None:
        folded.append(activity.id)
        step(state, activity, programme)

    with broken(counted):
        assert pipeline.drain() == 61
    assert len(folded) < 61 * 6
    assert balances(tara)[0] == 10
    assert backlog.read().failed == 60


# --- what members play ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", ["count", "advance"])
def test_a_measure_that_fails_harms_only_the_activity(wrong: str, monkeypatch: pytest.MonkeyPatch):
    tara, toni = trader(), trader()
    days = challenge("days", {"kind": "trading_days", "settings": {"target": 5}})
    badge("days", {"kind": "trading_days"}, "1", counted=False)
    for member_id in (tara, toni):
        join(member_id, days)
    for place, (member_id, lots) in enumerate(((tara, "1.00"), (tara, "6.66"), (tara, "2.00"), (toni, "1.00"))):
        at = NOON + place * SECOND
        report(member_id, Said(trade(lots=lots, at=at), at=at, id=f"t{place}"), now=at)
    measure = measures.get("trading_days")
    right = getattr(measure, wrong).__func__

    def fails(cls: type[Measure], *values: Any) -> Any:
        if next(one for one in values if isinstance(one, Seen)).facts.lots == "6.66":
            raise ZeroDivisionError("a measure that nobody tried out")
        return right(cls, *values)

    with monkeypatch.context() as patched:
        patched.setattr(measure, wrong, classmethod(fails))
        pipeline.drain()
    found = decided("t1")
    assert found is not None and found.reason == Reason.FAILED
    assert (backlog.read().failed, backlog.read().queued) == (1, 0)
    assert [progress(member_id, days) for member_id in (tara, toni)] == [[1], [1]]
    with transaction():
        assert pipeline.reprocess() == 1
    pipeline.drain()
    assert backlog.read().failed == 0
    assert verify().bad is None


def test_entries_that_cannot_be_loaded_stop_their_member_alone(monkeypatch: pytest.MonkeyPatch):
    tara, toni = trader(), trader()
    visits = challenge("visits", {"kind": "visits", "settings": {"target": 5}})
    for member_id in (tara, toni):
        join(member_id, visits)
        report(member_id, Said(kind="visit"))
    with transaction() as conn:
        conn.execute(text("UPDATE challenge_entry SET progress = '[[' WHERE member_id = :m"), {"m": tara})
    assert pipeline.drain() == 2
    assert (backlog.read().failed, backlog.read().queued) == (1, 0)
    assert progress(toni, visits) == [1]


def test_a_look_ahead_notes_what_fails_and_folds_nothing_twice():
    tara, folded = trader(), []
    custom, more = BY_KEY["custom"], {"key": "custom.gain"}
    items = [incoming(f"{BAD}{n}", custom, Custom(count=5), NOON, member_id=tara, **more) for n in range(40)]
    items.append(incoming("x", custom, Custom(count=7), NOON, member_id=tara, **more))

    def counted(state: MemberState, activity: Happening, programme: Programme) -> None:
        folded.append(activity.id)
        raises(state, activity, programme)

    with broken(counted):
        found = preview.decide(tara, items, None, NOON)
    assert [reason for reason, _ in found] == [Reason.FAILED] * 40 + [Reason.EARNED]
    assert len(folded) == 41
    assert (balances(tara)[0], backlog.read().failed) == (0, 0)
