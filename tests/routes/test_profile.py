"""The profile: what members set for themselves."""

import re

import pytest
from flask.testing import FlaskClient

from tests.support.cast import Person, post, sign_in, stored, words
from tests.support.queries import counted

SETTINGS = {"alias": "Trader Jane", "language": "en", "theme": "dark", "up_down": "red", "time_zone": "Asia/Tokyo"}


@pytest.fixture
def hers(client: FlaskClient, alice: Person) -> FlaskClient:
    return sign_in(client, alice)


def test_settings_are_kept_and_shown(hers: FlaskClient, alice: Person):
    assert post(hers, "/profile", SETTINGS).location == "/profile"
    page = hers.get("/profile")
    assert "Your settings are saved." in words(page)
    assert 'data-theme="dark" data-updown="red"' in page.text
    row = stored(alice)
    assert {name: getattr(row, name) for name in SETTINGS} == SETTINGS


def test_what_the_broker_knows_is_shown(hers: FlaskClient):
    said = words(hers.get("/profile"))
    assert "Country United Arab Emirates" in said
    assert "Client category Professional client" in said
    assert "You are a client of Meridian Markets Global Ltd" in said


def test_a_new_language_answers_at_once(hers: FlaskClient):
    post(hers, "/profile", SETTINGS | {"language": "ar"})
    assert 'lang="ar" dir="rtl"' in hers.get("/profile").text


@pytest.mark.parametrize(
    ("up_down", "language", "shown"),
    [("auto", "en", "green"), ("auto", "zh", "red"), ("green", "zh", "green"), ("red", "ar", "red")],
)
def test_which_colour_means_up(hers: FlaskClient, up_down: str, language: str, shown: str):
    post(hers, "/profile", SETTINGS | {"up_down": up_down, "language": language})
    assert f'data-updown="{shown}"' in hers.get("/profile").text


@pytest.mark.parametrize(
    ("alias", "said"),
    [
        ("ab", "Use 3 to 20 letters"),
        ("x" * 21, "Use 3 to 20 letters"),
        ("9lives", "starting with a letter"),
        ("Аlice", "letters of one script only"),  # a Cyrillic А
        ("Aliсe", "letters of one script only"),  # a Cyrillic с
        ("<b>bold</b>", "Use 3 to 20 letters"),
        ("a\u202eecila", None),
        ("陈Wei", None),
        ("سارة", None),
    ],
)
def test_an_alias_passes_for_nobody_else(hers: FlaskClient, alice: Person, alias: str, said: str | None):
    answer = post(hers, "/profile", SETTINGS | {"alias": alias})
    if said is None:
        assert answer.status_code == 303 and "\u202e" not in stored(alice).alias
    else:
        assert answer.status_code == 422 and said in words(answer)
        assert stored(alice).alias is None


def test_an_alias_is_given_once_whatever_its_case(hers: FlaskClient, browser, bob: Person):
    post(hers, "/profile", SETTINGS)
    his = sign_in(browser(), bob)
    answer = post(his, "/profile", SETTINGS | {"alias": "TRADER jane"}, htmx=True)
    assert answer.status_code == 422 and "Someone else is called that already" in words(answer)
    assert 'id="profile-settings"' in answer.text and "<html" not in answer.text
    assert post(hers, "/profile", SETTINGS).status_code == 303, "one's own alias is free for oneself"


def test_an_alias_can_be_given_up(hers: FlaskClient, alice: Person):
    post(hers, "/profile", SETTINGS)
    post(hers, "/profile", SETTINGS | {"alias": "  "})
    assert stored(alice).alias is None


@pytest.mark.parametrize(
    "wrong",
    [{"language": "fr"}, {"theme": "pink"}, {"up_down": "blue"}, {"time_zone": "Mars/Olympus"}, {"language": ""}],
)
def test_only_what_is_offered(hers: FlaskClient, alice: Person, wrong: dict[str, str]):
    assert post(hers, "/profile", SETTINGS | wrong).status_code == 422
    assert stored(alice).time_zone == "Asia/Dubai"


def test_a_page_asks_the_database_at_most_five_times(hers: FlaskClient):
    hers.get("/profile")
    with counted() as statements:
        assert hers.get("/profile").status_code == 200
    # The sign-in; what the brand keeps for a second may be due again.
    assert len(statements) <= 5, statements
    assert sum("FROM sign_in" in statement for statement in statements) == 1


@pytest.mark.parametrize("language", ["en", "ar", "zh"])
def test_the_page_speaks_the_members_language(hers: FlaskClient, language: str):
    post(hers, "/language", {"language": language})
    page = hers.get("/profile")
    assert f'lang="{ {"zh": "zh-Hans"}.get(language, language) }"' in page.text
    assert "%(" not in page.text


@pytest.mark.parametrize("zone", ["Asia/Dubai", "UTC", "America/Argentina/Buenos_Aires"])
def test_the_stored_time_zone_is_the_chosen_one(hers: FlaskClient, alice: Person, zone: str):
    post(hers, "/profile", SETTINGS | {"time_zone": zone})
    page = hers.get("/profile").text
    assert re.findall(r'<option value="([^"]*)" selected>', page) == [zone]
    assert page.count(f'<option value="{zone}"') == 1


def test_an_old_name_of_a_zone_stays_on_the_list(hers: FlaskClient, alice: Person):
    post(hers, "/profile", SETTINGS | {"time_zone": "Asia/Calcutta"})
    page = hers.get("/profile").text
    assert stored(alice).time_zone == "Asia/Calcutta"
    assert '<option value="Asia/Calcutta">Asia/Calcutta</option>' in page, "first, so that the browser shows it"


def test_places_are_named_in_the_members_language(hers: FlaskClient):
    post(hers, "/profile", SETTINGS | {"language": "zh", "time_zone": "Asia/Tokyo"})
    assert '<option value="Asia/Tokyo" selected>东京 (UTC+09:00)</option>' in hers.get("/profile").text


def test_no_zone_is_markup(hers: FlaskClient):
    answer = post(hers, "/profile", SETTINGS | {"time_zone": '"><script>alert(1)</script>'})
    assert answer.status_code == 422 and "<script>alert" not in answer.text
