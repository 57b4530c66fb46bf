"""A member's file: looked through, confirmed, stored once, undone, and brought again."""

from datetime import timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from app.gamification import pipeline
from app.gamification.errors.statements import (
    ApprovedAlready,
    ConfirmedAlready,
    ImportNotFound,
    LoginNeeded,
    NotConfirmed,
    StillReading,
    TooManyImports,
)
from app.gamification.ledger.missed import missed
from app.gamification.ledger.verify import verify
from app.gamification.statements import imports, sending, work
from app.gamification.statements.told import NOTHING, Told
from app.lib import clock
from app.models.base import read_one, transaction
from app.platforms.hints import Hints
from tests.platforms.test_samples import SAMPLES
from tests.support.bringing import (
    ACCOUNT,
    approve,
    bring,
    brought,
    confirm,
    file_of,
    files,
    kept,
    linked,
    look,
    take_back,
    uploads,
    verified,
)
from tests.support.cast import Person
from tests.support.play import NOON, balances
from tests.support.playing import badge, challenge, entry, join, levels_held, progress
from tests.support.programmes import set_trust

pytestmark = pytest.mark.usefixtures("lots_pay")


def test_a_look_says_what_would_come_of_it_and_stores_nothing(ann: int):
    import_id = look(ann, file_of(1, 2, 3))
    found = brought(ann, import_id)
    assert (found.state, found.closed, found.earning, found.points, found.duplicates) == ("read", 3, 3, 30, 0)
    assert (found.platform, found.server, found.login, found.currency) == (*ACCOUNT, "USD")
    assert uploads() == []
    assert balances(ann) == (0, 0, 0, 0)


def test_confirming_stores_each_row_once_and_its_points_wait_for_review(ann: int):
    import_id = bring(ann, file_of(1, 2, 3))
    found = brought(ann, import_id)
    assert (found.state, found.counted, found.rows, found.pending, found.available) == ("stored", 3, 3, 30, 0)
    assert found.progress == 100
    assert balances(ann) == (0, 30, 0, 30)
    assert not files()
    assert kept(import_id).points == 30


def test_confirming_twice_is_confirming_once(ann: int):
    import_id = look(ann, file_of(1, 2))
    confirm(ann, import_id, drain=False)
    confirm(ann, import_id)
    confirm(ann, import_id)
    assert balances(ann) == (0, 20, 0, 20)


def test_the_same_file_twice_is_one_import_until_it_is_confirmed_and_then_known(ann: int):
    first = look(ann, file_of(1, 2))
    assert look(ann, file_of(1, 2)) == first
    confirm(ann, first)
    second = look(ann, file_of(1, 2))
    assert second != first
    assert (brought(ann, second).earning, brought(ann, second).duplicates) == (0, 2)
    confirm(ann, second)
    assert (brought(ann, second).earning, brought(ann, second).duplicates) == (0, 2)
    assert balances(ann) == (0, 20, 0, 20)


def test_nothing_is_anybodys_but_the_senders(ann: int, eve: int):
    import_id = look(ann, file_of(1))
    for act in (
        lambda: sending.confirm(eve, import_id, now=clock.now()),
        lambda: sending.tell(eve, import_id, NOTHING, now=clock.now()),
        lambda: sending.drop(eve, import_id),
        lambda: sending.take_back(eve, import_id, now=clock.now()),
    ):
        with transaction(), pytest.raises(ImportNotFound):
            act()
    with pytest.raises(ImportNotFound):
        imports.one(eve, import_id)
    assert imports.of_member(eve) == ()


def test_what_is_dropped_is_forgotten_file_and_all(ann: int):
    import_id = look(ann, file_of(1))
    with transaction():
        sending.drop(ann, import_id)
    assert kept(import_id) is None
    assert not files()
    with pytest.raises(ImportNotFound):
        imports.one(ann, import_id)


def test_what_is_confirmed_is_undone_and_not_dropped(ann: int):
    import_id = look(ann, file_of(1))
    with transaction(), pytest.raises(NotConfirmed):
        sending.take_back(ann, import_id, now=clock.now())
    confirm(ann, import_id)
    with transaction(), pytest.raises(ConfirmedAlready):
        sending.drop(ann, import_id)


def test_nothing_is_confirmed_before_it_was_looked_through(ann: int):
    with transaction():
        import_id = sending.send(ann, "a.htm", file_of(1), NOTHING, now=clock.now())
    with transaction(), pytest.raises(StillReading):
        sending.confirm(ann, import_id, now=clock.now())


def test_files_that_nobody_confirms_are_few_and_go_after_a_day(ann: int):
    for ticket in range(sending.MOST_UNCONFIRMED):
        look(ann, file_of(ticket + 1))
    with transaction(), pytest.raises(TooManyImports):
        sending.send(ann, "a.htm", file_of(99), NOTHING, now=clock.now())
    confirmed = imports.of_member(ann)[0].id
    confirm(ann, confirmed)
    assert work.drop_old(clock.now()) == 0
    assert work.drop_old(clock.now() + 2 * sending.KEPT) == sending.MOST_UNCONFIRMED - 1
    assert [one.id for one in imports.of_member(ann)] == [confirmed]


def test_a_file_without_a_login_waits_until_it_is_told(ann: int):
    import_id = look(ann, file_of(1, login=""))
    assert brought(ann, import_id).remark_keys == ("login_needed",)
    with transaction(), pytest.raises(LoginNeeded):
        sending.confirm(ann, import_id, now=clock.now())
    with transaction():
        sending.tell(ann, import_id, Told(Hints(login="77", server="Meridian-Live")), now=clock.now())
    work.drain()
    found = brought(ann, import_id)
    assert (found.login, found.server, found.told.hints.login) == ("77", "Meridian-Live", "77")
    confirm(ann, import_id)
    assert balances(ann) == (0, 10, 0, 10)


def test_undoing_takes_everything_back(ann: int):
    import_id = bring(ann, file_of(1, 2, 3))
    take_back(ann, import_id)
    take_back(ann, import_id)
    found = brought(ann, import_id)
    assert (found.state, found.pending, found.available, found.rejected) == ("taken_back", 0, 0, False)
    assert balances(ann) == (0, 0, 0, 0)


@pytest.mark.parametrize("trust", ["review", "trusted"])
def test_what_is_brought_and_undone_moves_no_challenge_and_what_the_broker_reports_stays(ann: int, trust: str):
    set_trust(trust)
    linked(ann)
    lots = {"kind": "lots_traded", "settings": {"target": "9", "seconds": 0}}
    joined, automatic = challenge("joined", lots), challenge("automatic", lots, automatic=True)
    volume = badge("volume", {"kind": "lots_traded", "settings": {"seconds": 0}}, "1", "9", points=[5, 5])
    join(ann, joined, NOON - timedelta(days=9000))
    import_id = bring(ann, file_of(1, 2, 3))
    assert (progress(ann, joined), entry(ann, automatic), levels_held(ann)) == ([0], None, {})
    verified(1, 2)
    for undone in (False, True):
        if undone:
            take_back(ann, import_id)
        assert (progress(ann, joined), progress(ann, automatic), levels_held(ann)) == ([2 * 10**8],) * 2 + (
            {volume: 1},
        )
    assert verify().bad is None


def test_what_was_undone_can_be_brought_again_and_undone_again(ann: int):
    for round_ in range(1, 4):
        import_id = bring(ann, file_of(1, 2, 3))
        assert balances(ann) == (0, 30, 0, 30), round_
        assert brought(ann, import_id).earning == 3
        assert (brought(ann, look(ann, file_of(1, 2, 3, 4)))).duplicates == 3
        take_back(ann, import_id)
        assert balances(ann) == (0, 0, 0, 0), round_


def test_undoing_while_it_is_being_stored_takes_back_what_is_there(ann: int, monkeypatch: pytest.MonkeyPatch):
    for name in ("DELIVERY_SQLITE", "DELIVERY_POSTGRESQL"):
        monkeypatch.setattr("app.gamification.statements.storing." + name, 2)
    import_id = look(ann, file_of(1, 2, 3, 4, 5))
    confirm(ann, import_id, drain=False)
    assert work.run()
    assert brought(ann, import_id).done == 2
    pipeline.drain()
    take_back(ann, import_id)
    assert brought(ann, import_id).state == "taken_back"
    assert balances(ann) == (0, 0, 0, 0)
    bring(ann, file_of(1, 2, 3, 4, 5))
    assert balances(ann) == (0, 50, 0, 50)


def test_undoing_one_file_leaves_what_another_brought(ann: int):
    first, second = bring(ann, file_of(1, 2)), bring(ann, file_of(2, 3))
    take_back(ann, second)
    assert balances(ann) == (0, 20, 0, 20)
    take_back(ann, first)
    assert balances(ann) == (0, 0, 0, 0)


def test_what_the_broker_has_approved_stays(ann: int, dana: Person):
    import_id = bring(ann, file_of(1, 2))
    approve(dana.id, import_id)
    with transaction(), pytest.raises(ApprovedAlready):
        sending.take_back(ann, import_id, now=clock.now())
    assert balances(ann) == (20, 0, 0, 20)


@pytest.mark.parametrize("moment", ["before", "stored", "undone", "again", "approved"])
def test_the_brokers_own_report_counts_in_the_uploads_place_whenever_it_comes(ann: int, dana: Person, moment: str):
    linked(ann)
    acts = {
        "before": lambda: None,
        "stored": lambda: bring(ann, file_of(1, 2)),
        "undone": lambda: take_back(ann, imports.of_member(ann)[0].id),
        "again": lambda: bring(ann, file_of(1, 2)),
        "approved": lambda: approve(dana.id, imports.of_member(ann)[0].id),
    }
    for name, act in acts.items():
        act()
        if name == moment:
            verified(1, 2)
    assert balances(ann) == (20, 0, 0, 20)


@pytest.mark.parametrize(
    ("trust", "after"), [("review", (0, 20, 0, 20)), ("recognition", (0, 0, 0, 0)), ("trusted", (20, 0, 0, 20))]
)
def test_how_far_uploads_are_trusted_says_what_they_earn_at_once(ann: int, trust: str, after: tuple[int, ...]):
    set_trust(trust)
    linked(ann)
    import_id = bring(ann, file_of(1, 2))
    assert balances(ann) == after
    found = brought(ann, import_id)
    assert (found.trust, found.pending, found.available) == (trust, after[1], after[0])
    take_back(ann, import_id)
    assert balances(ann) == (0, 0, 0, 0)


def test_two_senders_of_one_account_do_not_meet(ann: int, eve: int):
    bring(ann, file_of(1, 2))
    import_id = bring(eve, file_of(1, 2, lots="9"))
    assert (balances(ann), balances(eve)) == ((0, 20, 0, 20), (0, 180, 0, 180))
    take_back(eve, import_id)
    assert (balances(ann), balances(eve)) == ((0, 20, 0, 20), (0, 0, 0, 0))


def test_an_edited_file_does_not_change_what_was_brought_before(ann: int):
    bring(ann, file_of(1, 2))
    import_id = bring(ann, file_of(1, 2, lots="50"))
    found = brought(ann, import_id)
    assert (found.earning, found.duplicates, found.conflicts) == (0, 0, 2)
    assert balances(ann) == (0, 20, 0, 20)


def test_an_account_of_nobody_is_asked_for_when_its_statement_is_confirmed(ann: int):
    import_id = bring(ann, file_of(1))
    row = read_one(imports.text("SELECT state, trading_account_id FROM account_request"))
    assert (row.state, row.trading_account_id) == ("open", brought(ann, import_id).account_id)


def test_what_is_undone_is_no_list_of_misses(ann: int):
    take_back(ann, bring(ann, file_of(1, 2)))
    member = SimpleNamespace(id=ann, language="en", zone=ZoneInfo("UTC"))
    assert [chip.key for chip in missed(member).chips] == ["BEFORE_PROGRAMME"], "that they joined"


def test_positions_without_their_deals_earn_nothing_for_whoever_sends_them_in(ann: int):
    told = Told(hints=Hints(login="6001001", server="Meridian-Live", currency="USD"))
    import_id = look(ann, (SAMPLES / "mt5_positions.csv").read_bytes(), told)
    found = brought(ann, import_id)
    assert (found.earning, [(why.key, why.number) for why in found.not_earning]) == (0, [("without_deal", 2)])
    confirm(ann, import_id)
    assert balances(ann) == (0, 0, 0, 0)


def test_a_trusting_programme_waits_for_staff_while_the_account_is_nobodys(ann: int):
    set_trust("trusted")
    import_id = look(ann, file_of(1))
    assert brought(ann, import_id).trust == "review"
    confirm(ann, import_id)
    assert (brought(ann, import_id).trust, balances(ann)) == ("review", (0, 10, 0, 10))


def test_a_trusting_programme_counts_what_is_of_the_members_own_account(ann: int):
    set_trust("trusted")
    linked(ann)
    import_id = look(ann, file_of(1))
    assert brought(ann, import_id).trust == "trusted"
    confirm(ann, import_id)
    assert (brought(ann, import_id).trust, balances(ann)) == ("trusted", (10, 0, 0, 10))
