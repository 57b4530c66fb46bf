"""The demo season: the same for the same now, whole, explained, and fit to be shown."""

import json
import re
import stat
from collections import Counter
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import text

from app.gamification import programme
from app.gamification.activities import BY_CODE, TRADE, facts_of, flaw_of
from app.gamification.instruments import instrument
from app.gamification.ledger.verify import verify
from app.gamification.members.passwords import is_password
from app.lib.clock import from_micros
from app.lib.periods import day_of
from app.lib.sealing import Sealer
from app.models.activity import ActivityFlag, Reason
from app.models.base import Model, read_all, read_one, reader
from app.models.ledger import Code
from app.routes.settings import settings
from app.seeds.demo import NotEmpty, seed_demo, sign_ins
from tests.seeds.conftest import CROWD, NOW, installation
from tests.support.cast import Person

# Signed by the clock: a mail's way to stop it.
TOKEN = re.compile(r"token=[\w.~-]+")
# Made for each installation, or by the clock of the one who installs.
OWN = {"password_hash", "published_at", "totp_secret", "code_hash"}


def rows() -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the database that a season determines."""
    found = {}
    with reader().connect() as connection:
        for table in Model.metadata.sorted_tables:
            columns = [column.name for column in table.columns if column.name not in OWN]
            order = ", ".join(column.name for column in table.primary_key)
            found[table.name] = [
                tuple(_without_tokens(one) for one in row)
                for row in connection.execute(text(f"SELECT {', '.join(columns)} FROM {table.name} ORDER BY {order}"))
            ]
    return found


def _without_tokens(value: Any) -> Any:
    plain = json.dumps(value) if isinstance(value, dict) else value
    return TOKEN.sub("", plain) if isinstance(plain, str) else plain


def cast(role: str) -> Any:
    """The wallet and the person behind a role of the cast."""
    return read_one(
        text(
            "SELECT m.*, w.available, w.pending, w.lifetime, w.qualifying, w.level_id, w.next_expiry_at, w.seq"
            " FROM member m JOIN wallet w ON w.id = m.id WHERE demo_role = :role"
        ),
        {"role": role},
    )


def reasons_of(role: str) -> dict[int, int]:
    """How often each reason was given to one of the cast."""
    found = read_all(
        text("SELECT reason, count(*) FROM decision WHERE member_id = :id GROUP BY reason"), {"id": cast(role).id}
    )
    return dict(found)


def test_the_same_now_gives_the_same_rows(played: Flask, tmp_path: Path):
    with played.app_context():
        once = rows()
    with installation(tmp_path, "again") as again, again.app_context():
        seed_demo(NOW, CROWD)
        twice = rows()
    assert once.keys() == twice.keys()
    for table, found in once.items():
        assert found == twice[table], table


def test_its_ledger_is_whole(season: Flask):
    report = verify()
    assert report.bad is None
    assert report.wallets == CROWD + 6
    assert read_one(text("SELECT count(*) FROM activity_queue"))[0] == 0
    assert read_one(text("SELECT count(*) FROM quarantine"))[0] == 0


def test_every_reason_for_earning_nothing_appears(season: Flask):
    decided = {reason for (reason,) in read_all(text("SELECT DISTINCT reason FROM decision"))}
    # One rule that gave way to another stands beside the one that paid; a failure would be a fault of ours.
    assert {Reason(reason) for reason in decided} == set(Reason) - {Reason.EXCLUSIVE, Reason.FAILED}
    outcomes = [
        json.loads(outcome)[1:] for (outcome,) in read_all(text("SELECT outcome FROM decision WHERE earned > 0"))
    ]
    assert any(entry[1] == 0 and entry[2] == Reason.EXCLUSIVE for entries in outcomes for entry in entries)


def test_every_move_of_points_appears(season: Flask):
    moved = {code for (code,) in read_all(text("SELECT DISTINCT code FROM transfer"))}
    assert {Code(code) for code in moved} == set(Code) - {Code.SETTLEMENT}


def test_some_wait_for_staff_and_some_for_a_link(season: Flask):
    waiting = read_one(text("SELECT count(*) FROM batch WHERE held AND remaining > 0 AND available_at IS NULL"))
    unlinked = read_one(
        text(
            "SELECT count(*) FROM activity a JOIN trading_account t ON t.id = a.trading_account_id WHERE t.member_id IS NULL"
        )
    )
    assert waiting[0] > 0
    assert unlinked[0] > 0


def test_everything_in_it_would_be_taken_at_the_door(season: Flask):
    for row in read_all(text("SELECT id, kind, data, flags, occurred_at, recorded_at FROM activity")):
        if row.flags & ActivityFlag.BUSTS:
            continue
        kind = BY_CODE[row.kind]
        sent = facts_of(row.kind, row.data)._asdict()
        sent.pop("name", None)
        if "times" in sent:
            sent["count"] = sent.pop("times")
        if row.kind == TRADE:
            sent |= {"side": "buy" if sent["side"] == 1 else "sell", "bonus_funds": bool(sent["bonus_funds"])}
            sent |= {name: from_micros(sent[name] * 1000) for name in ("opened_at", "closed_at")}
        data = msgspec.convert(sent, kind.data)
        assert flaw_of(data, from_micros(row.occurred_at), from_micros(row.recorded_at)) is None
        assert from_micros(row.recorded_at) <= NOW


def test_profits_follow_the_conventions(season: Flask):
    checked = Counter[str]()
    for kind, data in read_all(text("SELECT kind, data FROM activity WHERE kind = 1 AND amends IS NULL")):
        trade = facts_of(kind, data)
        traded = instrument(trade.symbol)
        opened, closed = Decimal(trade.open_price), Decimal(trade.close_price)
        exact = trade.side * (closed - opened) * Decimal(trade.lots) * traded.contract
        if traded.base == "USD":
            exact /= closed
        elif traded.quote != "USD":
            continue
        assert Decimal(trade.profit) == exact.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        checked[traded.symbol] += 1
    assert {"EURUSD", "USDJPY", "XAUUSD"} <= checked.keys()


def test_its_programme_says_that_it_is_a_demo(season: Flask):
    assert programme.current().demo
    assert [number for (number,) in read_all(text("SELECT number FROM rule_revision WHERE number > 1"))] == [2, 2]


class TestTheCast:
    """Each of the six shows what they are there to show."""

    def test_the_middle_stands_between_two_levels_and_has_seen_everything(self, season: Flask):
        middle = cast("middle")
        ladder = programme.current().ladder
        level = ladder.level(middle.level_id)
        above = ladder.above(level)
        assert above is not None
        assert level.threshold < middle.qualifying
        assert 0.68 < middle.qualifying / above.threshold < 0.74
        assert middle.pending > 0
        assert 10_000 < middle.available < 60_000
        of_others = {
            Reason.LAW,
            Reason.RECOGNITION,
            Reason.BLOCKED,
            Reason.OTHER_ACCOUNT,
            Reason.EXCLUSIVE,
            Reason.FAILED,
            Reason.WITHDRAWN,
        }
        assert set(Reason) - of_others <= reasons_of("middle").keys()
        levels = [
            level
            for (level,) in read_all(
                text("SELECT level_id FROM tier_history WHERE member_id = :id ORDER BY number"), {"id": middle.id}
            )
        ]
        assert len(levels) > 1

    def test_the_middle_can_open_a_line_with_everything_in_it(self, season: Flask):
        outcomes = read_all(
            text("SELECT outcome FROM decision WHERE member_id = :id AND earned > 0"), {"id": cast("middle").id}
        )
        awards = [entry for (outcome,) in outcomes for entry in json.loads(outcome)[1:] if entry[1] == 1]
        assert any(len(award[3]) == 2 and award[6] and award[7] for award in awards), "tier and metals, cap, hold"
        assert any(award[5] < award[4] for award in awards), "cut by a cap"

    def test_the_middle_has_points_that_lapse_this_month(self, season: Flask):
        expires = from_micros(cast("middle").next_expiry_at)
        assert (expires - NOW).days <= 31

    def test_the_new_one_has_nothing_yet(self, season: Flask):
        new = cast("new")
        assert (new.lifetime, new.seq) == (0, 0)
        assert from_micros(new.joined_at).date() == NOW.date()

    def test_the_top_stands_on_the_highest_level(self, season: Flask):
        assert cast("top").level_id == programme.current().ladder.levels[-1].id

    def test_the_retail_client_in_cyprus_gets_words_for_trades_and_points_for_learning(self, season: Flask):
        cyprus = cast("cyprus")
        earned = read_all(
            text(
                "SELECT a.kind, sum(d.earned) FROM decision d JOIN activity a ON a.id = d.activity_id WHERE d.member_id = :id GROUP BY a.kind"
            ),
            {"id": cyprus.id},
        )
        by_kind = {BY_CODE[kind].key: int(points) for kind, points in earned}
        assert by_kind["trade.closed"] == by_kind["deposit.made"] == 0
        assert by_kind["lesson.passed"] > 0
        assert by_kind["journal.written"] > 0

    @pytest.mark.parametrize(("role", "language"), [("arabic", "ar"), ("chinese", "zh")])
    def test_two_read_other_languages_and_write_their_own_names(self, season: Flask, role: str, language: str):
        member = cast(role)
        assert member.language == language
        assert not member.name.isascii()
        assert member.available > 0

    def test_todays_visit_is_left_to_whoever_signs_in(self, season: Flask):
        for member in read_all(text("SELECT time_zone, last_visit_day FROM member WHERE demo_role IS NOT NULL")):
            assert member.last_visit_day is None or member.last_visit_day < day_of(NOW, ZoneInfo(member.time_zone))


class TestSignIns:
    def test_cast_and_staff_get_passwords_that_only_they_have(self, season: Flask):
        doors = sign_ins()
        path = settings().data / "demo_sign_ins.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert len({door["password"] for door in doors}) == len(doors) == 10
        hashes = dict(
            tuple(row)
            for row in read_all(text("SELECT email, password_hash FROM member WHERE password_hash IS NOT NULL"))
        )
        hashes |= dict(tuple(row) for row in read_all(text("SELECT email, password_hash FROM staff")))
        assert {door["email"]: True for door in doors} == {
            door["email"]: is_password(door["password"], hashes[door["email"]]) for door in doors
        }
        assert hashes.keys() == {door["email"] for door in doors}

    def test_staff_get_a_phone_with_whose_codes_they_sign_in(self, season: Flask):
        desk = {door["about"].removeprefix("staff: "): door for door in sign_ins() if door["code_secret"]}
        assert desk.keys() == {"viewer", "manager", "approver", "owner"}
        sealer = Sealer(settings().installation_secret)
        for row in read_all(text("SELECT demo_role, role, email, totp_secret FROM staff")):
            door = desk[row.demo_role]
            assert (row.role, row.email) == (row.demo_role, door["email"])
            assert sealer.open(bytes(row.totp_secret)) == door["code_secret"]
        assert all(not door["code_secret"] for door in sign_ins() if not door["about"].startswith("staff: "))

    def test_a_second_time_changes_nothing(self, season: Flask):
        before = rows()
        assert seed_demo(NOW, CROWD) == sign_ins()
        assert rows() == before


def test_it_never_stands_among_real_members(alice: Person, cli: FlaskCliRunner):
    with pytest.raises(NotEmpty):
        seed_demo(NOW, CROWD)
    refused = cli.invoke(args=["demo", "seed"])
    assert refused.exit_code == 1
    assert "There are members" in refused.stderr
    assert not (settings().data / "demo-unfinished").exists()


def test_without_a_season_there_are_no_sign_ins(app: Flask, cli: FlaskCliRunner):
    assert sign_ins() == []
    assert "demo seed" in cli.invoke(args=["demo", "sign-ins"]).stderr


def test_its_cast_has_brought_statements_that_are_approved_that_wait_and_that_were_not_accepted(season: Flask):
    rows = read_all(text("SELECT state, reason, points FROM statement_import ORDER BY id"))
    assert [(row.state, row.reason) for row in rows] == [
        ("approved", None),
        ("taken_back", "not_yours"),
        ("stored", None),
        ("stored", None),
        ("read", None),
    ]
    assert all(row.points > 0 for row in rows if row.state == "stored")
