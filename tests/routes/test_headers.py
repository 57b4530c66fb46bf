"""What stands on every answer, and how long it is kept."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.config import Settings
from app.factory import create_app
from tests.support.cast import Person, sign_in
from tests.support.desk import give_password, secret_on

ADDRESSES = ["/", "/healthz", "/nothing", "/login", "/static/favicon.svg", "/static/css/laurel.css"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_is_guarded(client: FlaskClient, address: str):
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers, "only where members come by HTTPS"


@pytest.mark.parametrize("address", ["/", "/login", "/join", "/terms", "/nothing", "/profile"])
def test_no_page_needs_what_the_policy_forbids(client: FlaskClient, alice: Person, address: str):
    if address == "/profile":
        sign_in(client, alice)
    page = client.get(address).text
    assert not re.search(r"<script(?![^>]*\bsrc=)", page), "an inline script"
    assert "<style" not in page and " style=" not in page, "an inline style"
    assert not re.search(r"\son\w+=", page), "an inline handler"
    assert not re.search(r'(?:src|href)="https?://', page), "a file from elsewhere"


def test_a_members_page_stays_nowhere(client: FlaskClient, alice: Person):
    assert client.get("/login").headers["Cache-Control"] == "private, no-cache"
    sign_in(client, alice)
    assert client.get("/profile").headers["Cache-Control"] == "no-store"


def test_an_address_that_names_its_content_is_kept_for_ever(client: FlaskClient):
    page = client.get("/").text
    addresses = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page))
    assert any(address.endswith(".css") is False and "?v=" in address for address in addresses)
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["Cache-Control"], address
        answer.close()
    plain = client.get("/static/favicon.svg")
    assert plain.headers["Cache-Control"] == "max-age=60, public"
    assert "Access-Control-Allow-Origin" not in plain.headers
    plain.close()


@pytest.mark.parametrize(
    "address", ["/static/../config.py", "/static/%2e%2e/config.py", "/static/css/", "/static/none.css"]
)
def test_only_static_files_are_served(client: FlaskClient, address: str):
    assert client.get(address).status_code == 404


def test_a_request_is_numbered_by_us(client: FlaskClient):
    given = client.get("/healthz", headers={"X-Request-ID": "chosen-by-a-stranger"}).headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{16}", given)


class TestBehindAProxy:
    @pytest.fixture
    def client(self, app: Flask, tmp_path) -> FlaskClient:
        settings = Settings(
            _env_file=None,
            env="test",
            data=tmp_path,
            database_url=app.config["SQLALCHEMY_DATABASE_URI"],
            trusted_proxies=1,
            secure_cookies=True,
        )  # type: ignore[call-arg]
        return create_app(settings).test_client()

    def test_the_proxy_is_believed(self, client: FlaskClient):
        headers = {"X-Request-ID": "proxy-number-1", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
        answer = client.get("/login", headers=headers)
        assert answer.headers["X-Request-ID"] == "proxy-number-1"
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        assert "Secure" in answer.headers["Set-Cookie"] and "HttpOnly" in answer.headers["Set-Cookie"]
        assert "SameSite=Lax" in answer.headers["Set-Cookie"]

    @pytest.mark.parametrize("number", ["short", "x" * 65, "with space-in it", "new\\nline-forged"])
    def test_but_not_everything_it_says(self, client: FlaskClient, number: str):
        assert client.get("/healthz", headers={"X-Request-ID": number}).headers["X-Request-ID"] != number


@pytest.mark.parametrize(
    "address", ["/admin/sign-in", "/admin/sign-in/setup", "/admin/invitation?token=x", "/setup", "/verify?token=x"]
)
def test_what_a_secret_opens_stays_in_no_browser(client: FlaskClient, address: str):
    assert client.get(address).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/admin/invitation", "/setup", "/verify", "/password/reset"])
def test_nobody_learns_a_secret_link_from_where_it_led(client: FlaskClient, address: str):
    assert client.get(f"{address}?token=x").headers["Referrer-Policy"] == "strict-origin"


def test_the_phone_and_the_codes_of_who_is_half_signed_in_stay_nowhere(client: FlaskClient, mia: Person):
    assert give_password(client, mia).location == "/admin/sign-in/setup"
    page = client.get("/admin/sign-in/setup")
    assert secret_on(page) and page.headers["Cache-Control"] == "no-store"
