"""Joining: by form, by mail, and without telling anybody who is a member."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.models.base import read_all, read_one
from app.models.people import ClientClass, Member
from tests.support.cast import PASSWORD, Person, link_in, mails, make_member, post, stored, token, words

FORM = {"name": "Erin Ek", "email": "erin@example.com", "password": PASSWORD}


def join(client: FlaskClient, **changes: str):
    return post(client, "/join", FORM | changes)


def erin():
    return read_one(select(Member).where(Member.email == "erin@example.com"))


def test_someone_joins_confirms_the_address_and_is_in(client: FlaskClient):
    assert join(client).location == "/join/sent"
    assert "Check your mail" in words(client.get("/join/sent"))
    (mail,) = mails()
    assert mail.recipient == "erin@example.com" and "Meridian Rewards" in mail.subject
    assert "Confirm my address" in words(client.get(link_in(mail)))
    assert erin().email_verified_at is None, "looking at the link confirms nothing"
    sign = link_in(mail).partition("token=")[2]
    answer = post(client, "/verify", {"token": sign})
    assert answer.status_code == 303 and answer.location == "/home"
    assert erin().email_verified_at is not None
    assert client.get("/profile").status_code == 200


def test_a_newcomer_has_a_wallet_and_joined_as_an_activity(client: FlaskClient):
    join(client)
    assert read_one(text("SELECT available FROM wallet WHERE id = :id"), {"id": erin().id})[0] == 0
    queued = read_all(text("SELECT member_id FROM activity_queue"))
    assert [row[0] for row in queued] == [erin().id]


def test_nobody_learns_who_is_a_member(client: FlaskClient, alice: Person):
    new, known = join(client), join(client, email=alice.email)
    assert (new.status_code, new.location) == (known.status_code, known.location)
    to_new, to_known = mails()
    assert "Confirm your email address" in to_new.subject
    assert "already a member" in to_known.subject and "/reset?token=" in to_known.body
    assert stored(alice).name == "Alice Amari"


def test_joining_twice_before_confirming_sends_the_link_again(client: FlaskClient):
    join(client)
    join(client, name="Another Name")
    assert [mail.subject for mail in mails()] == ["Confirm your email address for Meridian Rewards"] * 2
    assert erin().name == "Erin Ek"


def test_a_link_works_once(client: FlaskClient, browser: Callable[[], FlaskClient]):
    join(client)
    sign = link_in(mails()[0]).partition("token=")[2]
    post(client, "/verify", {"token": sign})
    other = browser()
    answer = post(other, "/verify", {"token": sign})
    assert answer.status_code == 410 and "no longer works" in words(answer)
    assert other.get("/verify", query_string={"token": sign}).status_code == 410
    assert other.get("/profile").status_code == 303


@pytest.mark.parametrize("sign", ["", "x", "W251bGxd.aaaa.bbbb", "💰" * 3000])
def test_what_is_no_link_confirms_nothing(client: FlaskClient, sign: str):
    assert post(client, "/verify", {"token": sign}).status_code == 410


def test_a_link_for_one_thing_does_not_do_another(client: FlaskClient, charlie: Person):
    post(client, "/forgot", {"email": charlie.email})
    sign = link_in(mails()[0]).partition("token=")[2]
    assert post(client, "/verify", {"token": sign}).status_code == 410


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Fill this in."),
        ({"name": "\u202e\u200b"}, "Write a name of 1 to 80 characters"),
        ({"name": "12345"}, "with at least one letter"),
        ({"email": "nobody"}, "This is not an email address"),
        ({"email": "a@b@c.example"}, "This is not an email address"),
        ({"password": "short"}, "Use at least 10 characters"),
        ({"password": "password1234567"}, "among the first that others would try"),
        ({"name": "Wolfeschlegel", "password": "wolfeschlegel1"}, "among the first that others would try"),
        ({"password": "x" * 201}, "This is too long."),
    ],
)
def test_a_form_says_what_to_mend(client: FlaskClient, changes: dict[str, str], said: str):
    answer = join(client, **changes)
    assert answer.status_code == 422
    assert said in words(answer)
    assert not mails()


def test_one_answer_names_all_there_is_to_mend(client: FlaskClient):
    said = words(join(client, name="7", email="nonsense", password="1234567890"))
    for sentence in ("with at least one letter", "This is not an email address", "the first that others would try"):
        assert sentence in said


def test_what_was_typed_is_still_there_but_the_password(client: FlaskClient):
    answer = join(client, password="short")
    assert 'value="Erin Ek"' in answer.text and 'value="erin@example.com"' in answer.text
    assert "short" not in answer.text.replace("shortest", "")


def test_with_htmx_the_form_alone_comes_back(client: FlaskClient):
    answer = post(client, "/join", FORM | {"email": ""}, htmx=True)
    assert answer.status_code == 422 and "HX-Request" in answer.headers["Vary"]
    assert answer.text.lstrip().startswith("<form") and "<html" not in answer.text
    done = post(client, "/join", FORM, htmx=True)
    assert done.status_code == 204 and done.headers["HX-Redirect"] == "/join/sent"


def test_a_name_is_stored_without_what_cannot_be_seen(client: FlaskClient):
    join(client, name="  Erin\u202e \t\u0007Ek\u2066 ")
    assert erin().name == "Erin Ek"


def test_a_name_never_becomes_markup(client: FlaskClient):
    join(client, name='<img src=x onerror="alert(1)">Erin')
    (mail,) = mails()
    assert "<img" not in mail.html and "&lt;img" in mail.html


def test_the_mail_is_in_the_language_of_whoever_joins(client: FlaskClient):
    client.set_cookie("lang", "ar")
    join(client)
    assert erin().language == "ar"
    assert 'lang="ar" dir="rtl"' in mails()[0].html


def test_the_mail_never_trusts_the_host_of_a_request(client: FlaskClient):
    client.post("/join", data=FORM | {"csrf_token": token(client)}, headers={"Host": "evil.example"})
    assert all("evil.example" not in mail.body + mail.html for mail in mails())


def test_a_broker_who_knows_its_clients_is_not_asked(client: FlaskClient):
    assert "Country you live in" not in words(client.get("/join"))
    join(client, country="AE", client_class="professional")
    assert (erin().country, erin().client_class) == ("", ClientClass.UNKNOWN)
    assert erin().entity_id is None, "several entities: none until the broker says, which is the strictest"


@pytest.mark.usefixtures("demo")
class TestInTheDemo:
    @pytest.mark.parametrize(
        ("country", "entity", "zone"),
        [("CY", "eu", "Asia/Nicosia"), ("GB", "uk", "Europe/London"), ("AE", "global", "Asia/Dubai")],
    )
    def test_a_visitor_says_what_the_broker_would_know(self, client: FlaskClient, country: str, entity: str, zone: str):
        assert "Demo only: your broker knows this." in words(client.get("/join"))
        assert join(client, country=country, client_class="professional").status_code == 303
        member = erin()
        key = read_one(text("SELECT key FROM legal_entity WHERE id = :id"), {"id": member.entity_id})[0]
        assert (member.country, member.client_class, key, member.time_zone) == (
            country,
            ClientClass.PROFESSIONAL,
            entity,
            zone,
        )

    def test_a_country_is_asked_for_and_kept_when_something_else_is_wrong(self, client: FlaskClient):
        assert '<option value="">Choose your country</option>' in client.get("/join").text
        page = join(client, country="CY", client_class="retail", password="short").text
        assert '<option value="CY" selected>Cyprus</option>' in page

    @pytest.mark.parametrize("changes", [{"country": "XX"}, {"country": ""}, {"client_class": "eligible"}, {}])
    def test_only_what_the_list_offers(self, client: FlaskClient, changes: dict[str, str]):
        answer = join(client, **({"country": "AE", "client_class": "retail"} | changes if changes else {}))
        assert answer.status_code == 422 and "Choose one from the list." in words(answer)


def test_a_member_without_a_password_is_led_to_one(client: FlaskClient):
    make_member("frida@example.com", "Frida Falk", external_id="M-7")
    join(client, email="frida@example.com")
    assert "/reset?token=" in mails()[0].body
