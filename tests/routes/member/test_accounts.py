"""The page of trading accounts: what is linked, what is asked for, and whose it is."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text, update

from app.gamification.statements import sending
from app.gamification.statements.told import NOTHING
from app.gamification.trading_accounts import deciding, linking, reads
from app.lib import clock
from app.models.base import connection, read_all, transaction
from app.models.people import Member
from tests.support.bringing import bring, file_of
from tests.support.cast import Person, post, sign_in, words
from tests.support.queries import counted

ACCOUNT = {"platform": "mt5", "server": "Meridian-Live", "login": "777001"}


def accounts(client: FlaskClient) -> str:
    return words(client.get("/accounts"))


def asked() -> list[tuple[int, str, str]]:
    rows = read_all(
        text(
            "SELECT r.member_id, t.login, r.state FROM account_request r"
            " JOIN trading_account t ON t.id = r.trading_account_id ORDER BY r.id"
        )
    )
    return [tuple(row) for row in rows]


def test_who_has_nothing_is_told_what_to_do(client: FlaskClient, charlie: Person):
    said = accounts(sign_in(client, charlie))
    assert "No account is linked to you yet" in said
    assert "Choose a statement" in said
    assert "What you brought" not in said


def test_whom_the_law_allows_no_points_for_trades_is_told_before(client: FlaskClient, bob: Person):
    assert "Your points come from learning and habits, not from trades" in accounts(sign_in(client, bob))


def test_linked_accounts_are_shown_with_their_server(hers: FlaskClient):
    assert "5012345 Meridian-Live" in accounts(hers)


def test_asking_for_an_account_waits_for_the_broker(hers: FlaskClient, alice: Person):
    assert post(hers, "/accounts/requests", ACCOUNT).location == "/accounts#accounts"
    said = accounts(hers)
    assert "Your broker was asked. We tell you what it says." in said
    assert "777001 Meridian-Live" in said and "Waits for the broker" in said
    post(hers, "/accounts/requests", ACCOUNT)
    assert asked() == [(alice.id, "777001", "open")]


def test_an_account_of_somebody_else_is_asked_for_like_any_other(hers: FlaskClient, alice: Person, bob: Person):
    with transaction():
        linking.link(bob.id, *ACCOUNT.values(), via="console", by=None, now=clock.now())
    theirs = post(hers, "/accounts/requests", ACCOUNT)
    nobodys = post(hers, "/accounts/requests", ACCOUNT | {"login": "777002"})
    assert (theirs.status_code, theirs.location) == (nobodys.status_code, nobodys.location)
    assert [state for _, _, state in asked()] == ["open", "open"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"login": ""}, "Fill this in."),
        ({"login": "x" * 65}, "This is too long."),
        ({"server": "\u202eevil"}, "plain letters, digits and signs"),
        ({"platform": "metatrader"}, "Choose one from the list."),
        ({"login": "5012345"}, "is yours already"),
    ],
)
def test_what_cannot_be_asked_for_is_said_beside_its_field(hers: FlaskClient, change: dict[str, str], said: str):
    answer = post(hers, "/accounts/requests", ACCOUNT | change)
    assert answer.status_code in (409, 422)
    assert said in words(answer)
    assert asked() == []


def test_htmx_gets_the_form_alone(hers: FlaskClient):
    answer = post(hers, "/accounts/requests", ACCOUNT | {"login": ""}, htmx=True)
    assert answer.status_code == 422
    assert answer.text.lstrip().startswith('<section class="card" id="ask">')


def test_a_request_is_withdrawn_by_its_member_alone(
    hers: FlaskClient, alice: Person, bob: Person, browser, charlie: Person
):
    post(hers, "/accounts/requests", ACCOUNT)
    (request_id,) = (one.id for one in reads.of_member(alice.id).asked)
    his = sign_in(browser(), bob)
    assert post(his, f"/accounts/requests/{request_id}/withdrawal").status_code == 404
    assert asked()[0][2] == "open"
    assert post(hers, f"/accounts/requests/{request_id}/withdrawal").location == "/accounts#accounts"
    assert "777001" not in accounts(hers)


def test_what_was_declined_says_why_until_it_is_asked_for_again(hers: FlaskClient, alice: Person, omar: Person):
    post(hers, "/accounts/requests", ACCOUNT)
    (request_id,) = (one.id for one in reads.of_member(alice.id).asked)
    with transaction():
        deciding.decline(omar.id, request_id, "unknown", now=clock.now())
    said = accounts(hers)
    assert "Declined" in said and "We found no account with this number there." in said
    post(hers, "/accounts/requests", ACCOUNT)
    said = accounts(hers)
    assert "Declined" not in said and "Waits for the broker" in said


def test_an_account_is_unlinked_by_its_owner_alone(hers: FlaskClient, alice: Person, bob: Person, browser):
    (account,) = reads.of_member(alice.id).linked
    his = sign_in(browser(), bob)
    assert post(his, f"/accounts/{account.id}/unlinking").status_code == 404
    assert reads.of_member(alice.id).linked == (account,)
    assert post(hers, f"/accounts/{account.id}/unlinking").location == "/accounts#accounts"
    assert reads.of_member(alice.id).linked == ()


def test_the_page_asks_for_little(hers: FlaskClient, alice: Person):
    import_id = bring(alice.id, file_of(1, 2, 3))
    with transaction():
        sending.send(alice.id, "Second.htm", file_of(4), NOTHING, now=clock.now())
    accounts(hers)  # after which this process knows the programme
    with counted() as seen:
        assert "Statement.htm" in accounts(hers)
    assert len(seen) <= 5, seen
    with counted() as seen:
        hers.get(f"/accounts/imports/{import_id}")
    assert len(seen) <= 5, seen


@pytest.mark.parametrize("language", ["ar", "zh"])
def test_names_from_files_stand_alone_in_every_language(client: FlaskClient, alice: Person, language: str):
    with transaction():
        connection().execute(update(Member).where(Member.id == alice.id).values(language=language))
    bring(alice.id, file_of(1))
    page = sign_in(client, alice).get("/accounts").text
    assert "<bdi>Statement.htm</bdi>" in page
