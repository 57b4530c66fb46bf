"""Finding members by what staff know of them, and listing them."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification.members import care, erasure, search
from app.gamification.members.enrolment import link
from app.gamification.members.search import Filters
from app.lib import clock
from app.models.base import is_sqlite, reader, transaction
from app.models.people import ClientClass
from tests.support.cast import Person, make_member
from tests.support.queries import counted

NO_FILTER = Filters()


def found(words: str, filters: Filters = NO_FILTER) -> list[str]:
    return [row.name for row in search.search(words, filters).rows]


def listed(**filters: object) -> list[str]:
    return [row.name for row in search.newest(Filters(**filters)).rows]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "words",
    [
        "alice",
        "ALI",
        "amari",
        "amari alice",
        "ali am",
        "M-1001",
        "alice@example.com",
        "alice@ex",
        "5012345",
        " Álice ",
        "a%",
    ],
)
def test_a_member_is_found_by_what_is_known_of_them(alice: Person, bob: Person, words: str):
    assert found(words) == ["Alice Amari"]


def test_a_member_is_found_by_number(alice: Person, bob: Person):
    assert found(f"#{bob.id}") == ["Bob Bakkar"]
    assert found(str(bob.id)) == ["Bob Bakkar"]


@pytest.mark.parametrize(
    "words",
    [
        "%",
        "_",
        "' OR 1=1 --",
        '"',
        "\\",
        "lice",
        "alice bob",
        "\x00",
        "\u202e",
        "\ud800",
        "#",
        "#99999999999999999999",
        "9223372036854775808",
        "٣",
        "𝟙",
        "x" * 5000,
        "@",
        "example.com",
    ],
)
def test_nobody_is_found_by_what_is_no_beginning_of_theirs(alice: Person, bob: Person, words: str):
    assert found(words) == []


def test_the_exact_match_stands_first(app: Flask):
    make_member("a1@example.com", "5012 Capital", external_id="C-1")
    held = make_member("b1@example.com", "Zoe Zed", external_id="C-2")
    with transaction():
        link(held.id, "mt5", "Live", "5012", now=clock.now())
    assert found("5012") == ["Zoe Zed", "5012 Capital"]


def test_an_address_with_dots_is_found_by_its_beginning(app: Flask):
    make_member("anna.lee-smith+fx@example.com", "Somebody Else")
    assert found("anna.lee-s") == ["Somebody Else"]


def test_a_chinese_name_is_found_by_family_and_given_name(app: Flask):
    make_member("wang@example.com", "王小明")
    assert found("王") == found("小明") == ["王小明"]


def test_the_newest_stand_first_and_filters_narrow_the_list(alice: Person, bob: Person, charlie: Person):
    assert listed() == ["Charlie Chen", "Bob Bakkar", "Alice Amari"]
    assert listed(country="CY") == ["Bob Bakkar"]
    assert listed(client_class=int(ClientClass.PROFESSIONAL)) == ["Alice Amari"]
    assert listed(state="unverified") == ["Charlie Chen"]
    assert listed(pack="eu_retail") == ["Bob Bakkar"]
    assert listed(pack="offshore") == ["Alice Amari"]
    assert listed(pack="unknown") == ["Charlie Chen"]
    assert listed(level=1) == ["Charlie Chen", "Bob Bakkar", "Alice Amari"]
    assert listed(level=3) == []
    assert found("b", Filters(country="AE")) == []


def test_the_blocked_and_the_erased_are_listed(alice: Person, bob: Person, mia: Person, omar: Person):
    now = clock.now()
    with transaction():
        care.block(mia.id, alice.id, "review", now=now)
        erasure.erase(omar.id, bob.id, now=now)
    assert listed(state="erased") == [""]
    assert listed(state="blocked") == ["", "Alice Amari"]
    assert found("bob") == found("bakkar") == found("bob@example.com") == found("M-1002") == []
    assert found(f"#{bob.id}") == [""]


def test_a_long_list_is_read_in_pages(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(search, "PAGE", 2)
    for number in range(5):
        make_member(f"m{number}@example.com", f"Member {number}")
    first = search.newest(NO_FILTER)
    second = search.newest(NO_FILTER, first.before)
    third = search.newest(NO_FILTER, second.before)
    assert [row.name for page in (first, second, third) for row in page.rows] == [
        f"Member {number}" for number in (4, 3, 2, 1, 0)
    ]
    assert third.before is None
    assert search.search("member", NO_FILTER).more


def test_a_filter_looks_at_a_stretch_and_says_so(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(search, "STRETCH", 2)
    make_member("first@example.com", "First", country="DE")
    for number in range(4):
        make_member(f"m{number}@example.com", f"Member {number}")
    page, looked = search.newest(Filters(country="DE")), 1
    while not page.rows:
        assert page.looked_through
        page, looked = search.newest(Filters(country="DE"), page.before), looked + 1
    assert [row.name for row in page.rows] == ["First"]
    assert looked == 3


def test_a_file_holds_everybody(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(search, "CHUNK", 2)
    for number in range(5):
        make_member(f"m{number}@example.com", f"Member {number}", country="DE" if number % 2 else "AE")
    assert len(list(search.everyone("", NO_FILTER))) == 5
    monkeypatch.setattr(search, "STRETCH", 2)
    assert [row.name for row in search.everyone("", Filters(country="DE"))] == ["Member 3", "Member 1"]
    assert [row.name for row in search.everyone("member 4", NO_FILTER)] == ["Member 4"]


def test_a_search_takes_two_statements(alice: Person, bob: Person):
    with counted() as sent:
        search.search("alice amari", Filters(country="AE"))
    assert len(sent) == 2
    with counted() as sent:
        search.newest(Filters(country="AE"))
    assert len(sent) == 2


def test_no_look_up_reads_a_whole_table(alice: Person, plan: Callable[[str], str]):
    """However many members there are, each part of the search begins in an index."""
    sql = str(search._MATCHES.compile(compile_kwargs={"literal_binds": False}))
    said = plan(sql)
    for table in ("member ", "trading_account", "member_word"):
        assert f"SCAN {table}" not in said


@pytest.fixture
def plan(app: Flask) -> Callable[[str], str]:
    """How SQLite would answer a statement."""

    def ask(sql: str) -> str:
        with reader().connect() as conn:
            if not is_sqlite(conn):
                pytest.skip("PostgreSQL chooses by how large the tables are")
            names = text(sql).compile().params
            return "\n".join(
                row[3] for row in conn.execute(text("EXPLAIN QUERY PLAN " + sql), dict.fromkeys(names, "a"))
            )

    return ask


def test_the_few_that_are_blocked_have_an_index_of_their_own(alice: Person, plan: Callable[[str], str]):
    said = plan("SELECT id FROM member WHERE id < :before AND member.earning_blocked ORDER BY id DESC LIMIT 50")
    assert "ix_member_blocked" in said
