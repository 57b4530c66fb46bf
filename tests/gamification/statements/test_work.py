"""The worker's part: killed between two deliveries, two at once, a file that breaks it, lists that nobody waits for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.statements import looking, sending, storing, work
from app.gamification.statements.told import NOTHING, Told
from app.lib import clock
from app.models.base import read_all, transaction
from app.platforms.hints import Hints
from tests.support.bringing import (
    approve,
    bring,
    brought,
    confirm,
    file_of,
    kept,
    linked,
    look,
    take_back,
    uploads,
    verified,
)
from tests.support.cast import Person
from tests.support.play import balances, trader
from tests.support.together import no_errors, together

pytestmark = pytest.mark.usefixtures("lots_pay")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deliveries of two rows, so that a small file takes many."""
    for module in ("storing", "undoing"):
        for name in ("DELIVERY_SQLITE", "DELIVERY_POSTGRESQL"):
            monkeypatch.setattr(f"app.gamification.statements.{module}.{name}", 2)
    monkeypatch.setattr("app.gamification.ledger.lapsing.CHUNK", 2)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Lets time pass."""
    now = clock.now

    def pass_(by: timedelta) -> None:
        monkeypatch.setattr(clock, "now", lambda: now() + by)

    return pass_


class KilledError(BaseException):
    """What no handler catches: the process ends here."""


def new_process(app: Flask) -> None:
    """Forget what a process keeps in memory, as the next one knows nothing of it."""
    for name in ("statement_desk", "statement_place"):
        app.extensions.get("laurel_kept", {}).pop(name, None)


@pytest.mark.usefixtures("small")
def test_a_worker_killed_between_two_deliveries_loses_nothing_and_doubles_nothing(
    app: Flask, ann: int, later: Callable[[timedelta], None]
):
    import_id = look(ann, file_of(*range(1, 8)))
    confirm(ann, import_id, drain=False)
    assert work.run()
    assert work.run()
    assert len(uploads()) == 4
    new_process(app)
    assert not work.run(), "the dead worker's lease still holds"
    later(work.LEASE + timedelta(seconds=1))
    work.drain()
    assert brought(ann, import_id).state == "stored"
    assert len(uploads()) == 7
    assert balances(ann) == (0, 70, 0, 70)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("act", ["deliver", "bust", "release_next"])
def test_a_worker_killed_before_it_commits_has_done_nothing(
    app: Flask, ann: int, dana: Person, act: str, monkeypatch: pytest.MonkeyPatch, later: Callable[[timedelta], None]
):
    module = {"deliver": storing, "bust": work.undoing, "release_next": work.approving}[act]
    whole, calls = getattr(module, act), []

    def killed_once(*arguments: Any) -> Any:
        done = whole(*arguments)
        calls.append(done)
        if len(calls) == 2:
            raise KilledError
        return done

    monkeypatch.setattr(module, act, killed_once)
    import_id = look(ann, file_of(*range(1, 8)))
    confirm(ann, import_id, drain=False)
    if act == "deliver":
        with pytest.raises(KilledError):
            work.drain()
    else:
        work.drain()
        if act == "bust":
            take_back(ann, import_id, drain=False)
        else:
            approve(dana.id, import_id, drain=False)
        with pytest.raises(KilledError):
            work.drain()
    new_process(app)
    later(work.LEASE + timedelta(seconds=1))
    work.drain()
    after = {"deliver": (0, 70, 0, 70), "bust": (0, 0, 0, 0), "release_next": (70, 0, 0, 70)}
    assert balances(ann) == after[act]


@pytest.mark.usefixtures("small")
@pytest.mark.postgres
def test_workers_that_meet_store_approve_and_take_back_each_row_once(
    app: Flask, dana: Person, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(work, "LEASE", timedelta(0))  # nothing keeps them apart but the locks
    members = [trader() for _ in range(4)]
    imports = {member: look(member, file_of(*range(1, 12), login=f"500100{member}")) for member in members}
    for member, import_id in imports.items():
        confirm(member, import_id, drain=False)

    def worker() -> None:
        idle = 0
        while idle < 20:
            idle = 0 if work.run() or pipeline.run() else idle + 1

    no_errors(together(app, [worker] * 3))
    work.drain()
    assert [balances(member) for member in members] == [(0, 110, 0, 110)] * 4
    for member in members[:2]:
        approve(dana.id, imports[member], drain=False)
    for member in members[2:]:
        take_back(member, imports[member], drain=False)
    no_errors(together(app, [worker] * 3))
    work.drain()
    assert [balances(member) for member in members] == [(110, 0, 0, 110)] * 2 + [(0, 0, 0, 0)] * 2


@pytest.mark.postgres
def test_an_approval_and_an_undoing_at_once_leave_one_of_them(app: Flask, ann: int, dana: Person):
    for number in range(1, 6):
        import_id = bring(ann, file_of(number))
        before = balances(ann)
        made = together(
            app,
            [
                lambda import_id=import_id: approve(dana.id, import_id, drain=False),  # type: ignore[misc]
                lambda import_id=import_id: take_back(ann, import_id, drain=False),  # type: ignore[misc]
            ],
        )
        work.drain()
        assert sum(isinstance(one, Exception) for one in made) == 1
        state = brought(ann, import_id).state
        gained = balances(ann)[0] - before[0]
        assert (state, gained) in (("approved", 10), ("taken_back", 0))


@pytest.mark.postgres
def test_the_brokers_reports_meet_the_upload_while_it_is_stored_and_released(app: Flask, ann: int, dana: Person):
    linked(ann)
    import_id = look(ann, file_of(*range(1, 21)))
    confirm(ann, import_id, drain=False)

    def reports() -> None:
        for ticket in range(1, 21):
            verified(ticket)

    no_errors(together(app, [work.drain, reports]))
    work.drain()
    approve(dana.id, import_id)
    assert balances(ann) == (200, 0, 0, 200)


def test_a_dry_run_holds_no_lock_and_one_at_a_time_looks(
    ann: int, monkeypatch: pytest.MonkeyPatch, later: Callable[[timedelta], None]
):
    with transaction():
        import_id = sending.send(ann, "a.htm", file_of(1), NOTHING, now=clock.now())
    whole = looking.look

    def look_while_others_write(*arguments: Any) -> Any:
        assert not work.run(), "it is leased"
        with transaction():
            sending.send(ann, "b.htm", file_of(2), NOTHING, now=clock.now())
        return whole(*arguments)

    monkeypatch.setattr(looking, "look", look_while_others_write)
    assert work.run()
    assert brought(ann, import_id).state == "read"


def test_answers_that_come_during_a_look_make_it_look_again(ann: int, monkeypatch: pytest.MonkeyPatch):
    with transaction():
        import_id = sending.send(ann, "a.htm", file_of(1, login=""), NOTHING, now=clock.now())
    whole, told = looking.look, [Told(Hints(login="77"))]

    def look_while_it_is_told(member_id: int, content: bytes, said: Told, now: datetime) -> Any:
        while told:
            with transaction():
                sending.tell(ann, import_id, told.pop(), now=clock.now())
        return whole(member_id, content, said, now)

    monkeypatch.setattr(looking, "look", look_while_it_is_told)
    work.drain()
    assert (brought(ann, import_id).state, brought(ann, import_id).login) == ("read", "77")


def test_a_file_that_breaks_the_look_is_said_to_be_unreadable(ann: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(looking, "look", lambda *_: 1 / 0)
    import_id = look(ann, file_of(1))
    found = brought(ann, import_id)
    assert found.state == "unreadable"
    assert found.why is not None
    assert "failed on our side" in found.why.msgid


def test_an_import_that_fails_holds_up_nobody_and_is_tried_again(
    ann: int, monkeypatch: pytest.MonkeyPatch, later: Callable[[timedelta], None]
):
    other = trader()
    first, second = look(ann, file_of(1)), look(other, file_of(2))
    confirm(ann, first, drain=False)
    confirm(other, second, drain=False)
    whole = storing.rows_in

    def broken(import_id: int) -> Any:
        if import_id == first:
            raise ValueError("no rows today")
        return whole(import_id)

    monkeypatch.setattr(storing, "rows_in", broken)
    work.drain()
    assert (brought(ann, first).state, brought(other, second).state) == ("storing", "stored")
    monkeypatch.setattr(storing, "rows_in", whole)
    later(work.AFTER_FAILURE + timedelta(seconds=1))
    work.drain()
    assert brought(ann, first).state == "stored"


def test_what_a_member_does_is_done_in_that_order(ann: int):
    first = bring(ann, file_of(1, 2))
    second = look(ann, file_of(2, 3))
    confirm(ann, second, drain=False)
    take_back(ann, first, drain=False)
    work.drain()
    assert balances(ann) == (0, 10, 0, 10), "what both had was the first one's"
    assert [kept(one).state for one in (first, second)] == ["taken_back", "stored"]


def test_nothing_to_do_costs_two_statements(ann: int, monkeypatch: pytest.MonkeyPatch):
    bring(ann, file_of(1))
    asked: list[str] = []
    monkeypatch.setattr(work, "read_all", lambda statement, values: asked.append(str(statement)) or [])
    assert not work.run()
    assert len(asked) <= 2


def test_what_is_set_aside_hides_nothing_behind_it(ann: int, eve: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(work, "_MOST", 1)
    now = clock.now()
    with transaction():
        aside = sending.send(ann, "Statement.htm", file_of(1), NOTHING, now=now)
        behind = sending.send(eve, "Statement.htm", file_of(2), NOTHING, now=now)
    work._set_aside(aside, now)
    assert work.run(now)
    assert (brought(ann, aside).state, brought(eve, behind).state) == ("reading", "read")
    assert not work.run(now)


@pytest.mark.usefixtures("small")
def test_an_account_that_is_renamed_between_two_deliveries_keeps_all_rows(ann: int):
    import_id = look(ann, file_of(*range(1, 6)))
    confirm(ann, import_id, drain=False)
    assert work.run()
    with transaction() as conn:
        conn.execute(text("UPDATE trading_account SET login = 'no number any more'"))
    work.drain()
    assert read_all(
        text("SELECT count(*), count(DISTINCT trading_account_id) FROM activity WHERE deal IS NOT NULL")
    ) == [(5, 1)]
    assert brought(ann, import_id).state == "stored"
