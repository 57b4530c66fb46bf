"""Language and look."""

import pytest
from flask.testing import FlaskClient

from tests.support.cast import Person, post, sign_in, stored

PAGES = ["/", "/join", "/login", "/forgot", "/terms", "/join/sent", "/forgot/sent", "/verify", "/reset", "/nowhere"]


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("language", ["en", "ar", "zh"])
def test_every_page_speaks_every_language(client: FlaskClient, address: str, language: str):
    client.set_cookie("lang", language)
    page = client.get(address).text
    tag, direction = {"zh": "zh-Hans"}.get(language, language), "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{tag}" dir="{direction}"' in page
    assert "%(" not in page


def test_the_browser_is_asked_when_nobody_chose(client: FlaskClient):
    assert 'lang="zh-Hans"' in client.get("/", headers={"Accept-Language": "zh-TW,zh;q=0.9,en;q=0.8"}).text
    assert 'lang="ar"' in client.get("/", headers={"Accept-Language": "fr, ar;q=0.5"}).text
    assert 'lang="en"' in client.get("/", headers={"Accept-Language": "fr"}).text


def test_a_choice_outweighs_the_browser_and_comes_back(client: FlaskClient):
    answer = post(client, "/language", {"language": "ar", "next": "/terms?x=1"})
    assert answer.location == "/terms?x=1"
    assert 'lang="ar"' in client.get("/", headers={"Accept-Language": "zh"}).text


def test_a_members_choice_outweighs_the_cookie(client: FlaskClient, alice: Person):
    client.set_cookie("lang", "ar")
    sign_in(client, alice)
    assert 'lang="en"' in client.get("/profile").text
    post(client, "/language", {"language": "zh"})
    assert stored(alice).language == "zh"
    assert 'lang="zh-Hans"' in client.get("/profile").text


def test_the_look_is_a_choice_too(client: FlaskClient, alice: Person):
    assert 'data-theme="auto"' in client.get("/").text
    post(client, "/look", {"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/").text
    sign_in(client, alice)
    post(client, "/look", {"theme": "light"})
    assert stored(alice).theme == "light"


@pytest.mark.parametrize(
    ("address", "data"), [("/language", {"language": "xx"}), ("/look", {"theme": "<b>"}), ("/look", {})]
)
def test_only_what_there_is(client: FlaskClient, address: str, data: dict[str, str]):
    assert post(client, address, data).status_code == 400


def test_a_strange_cookie_is_no_choice(client: FlaskClient):
    client.set_cookie("lang", "../../etc")
    client.set_cookie("theme", '"><script>')
    page = client.get("/").text
    assert '<html lang="en"' in page and 'data-theme="auto"' in page


def test_nobody_is_sent_elsewhere(client: FlaskClient):
    assert post(client, "/language", {"language": "en", "next": "//evil.example"}).location == "/"


def test_a_link_that_looks_like_a_switch_switches_nothing(client: FlaskClient):
    client.get("/?lang=ar")
    assert 'lang="en"' in client.get("/").text
