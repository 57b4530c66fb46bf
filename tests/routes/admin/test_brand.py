"""The brand desk: what an owner keeps, what others only read, and that every page and mail follows."""

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import text

from app.gamification.audit import reads as audit
from app.gamification.brand import brand
from app.models.base import read_one
from tests.support.cast import Person, mails, post, sign_in, sign_in_staff, words
from tests.support.queries import counted

NAMES = {"brand_name": "Northwind", "programme_name": "Northwind Rewards", "support_email": "help@northwind.example"}


def version() -> str:
    return str(brand().version)


@pytest.fixture
def owner(app: Flask, client: FlaskClient, dana: Person) -> FlaskClient:
    return sign_in_staff(client, dana)


def logo(size: tuple[int, int] = (320, 80)) -> tuple[io.BytesIO, str]:
    file = io.BytesIO()
    Image.new("RGBA", size, (10, 120, 90, 255)).save(file, "PNG")
    file.seek(0)
    return file, "logo.png"


def with_colours(owner: FlaskClient, brand_colour: str = "#0a7d5a", hero: str = "") -> None:
    answer = post(owner, "/admin/brand/colours", {"brand": brand_colour, "hero": hero, "version": version()})
    assert answer.status_code == 303, words(answer)


def with_logo(owner: FlaskClient, **more: str) -> None:
    answer = post(owner, "/admin/brand/logo", {"logo": logo(), "version": version(), **more})
    assert answer.status_code == 303, words(answer)


def test_names_and_links_are_stored_and_stand_on_every_page(owner: FlaskClient, browser: Callable[[], FlaskClient]):
    links = {"help": "https://northwind.example/help", "complaints": "https://northwind.example/complain"}
    assert post(owner, "/admin/brand", {**NAMES, **links, "version": version()}).status_code == 303
    page = browser().get("/terms")
    assert "Northwind Rewards is offered by Northwind" in words(page)
    assert 'href="https://northwind.example/help"' in page.text and 'rel="noopener"' in page.text
    assert "Full terms" not in words(page)


def test_what_was_changed_is_in_the_audit_log_without_addresses(owner: FlaskClient, dana: Person):
    post(owner, "/admin/brand", {**NAMES, "version": version()})
    [entry] = audit.of_subject("programme", 1)
    assert (entry.action, entry.staff_id) == ("brand.update", dana.id)
    assert entry.before["brand_name"] == "Meridian Markets" and entry.after["brand_name"] == "Northwind"
    assert "northwind.example" not in str(entry.after["support_email"])


def test_saving_what_is_there_already_changes_nothing(owner: FlaskClient):
    before = version()
    present = {
        "brand_name": "Meridian Markets",
        "programme_name": "Meridian Rewards",
        "support_email": "rewards@meridian.example",
    }
    assert post(owner, "/admin/brand", {**present, "version": before}).status_code == 303
    assert version() == before and not audit.of_subject("programme", 1)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "http://northwind.example",
        "https://",
        "https://user:pass@northwind.example",
        'https://northwind.example/"onload=x',
        "https://northwind.example/\u202egpj",
        "//northwind.example",
        "https://[::1",
    ],
)
def test_a_link_is_a_plain_address_of_the_web(owner: FlaskClient, link: str):
    answer = post(owner, "/admin/brand", {**NAMES, "complaints": link, "version": version()})
    assert answer.status_code == 422 and "Write an address that begins with https://." in words(answer)
    assert brand().brand_name == "Meridian Markets"


def test_a_stale_form_is_told_and_writes_nothing(owner: FlaskClient):
    stale = version()
    with_colours(owner)
    answer = post(owner, "/admin/brand", {**NAMES, "version": stale})
    assert answer.status_code == 422 and "Somebody else saved these settings" in words(answer)
    assert 'value="Northwind"' in answer.text
    assert brand().brand_name == "Meridian Markets"


@pytest.mark.parametrize("carried", ["", "x", "-1", "\u0661", "9" * 400])
def test_a_form_without_its_version_is_stale(owner: FlaskClient, carried: str):
    assert post(owner, "/admin/brand", {**NAMES, "version": carried}).status_code == 422


def test_colours_reach_every_page_by_a_sheet_of_their_own(owner: FlaskClient, browser: Callable[[], FlaskClient]):
    assert "/brand/" not in browser().get("/").text
    with_colours(owner)
    page = browser().get("/")
    [address] = re.findall(r'href="(/brand/\w+\.css)"', page.text)
    sheet = browser().get(address)
    assert sheet.mimetype == "text/css" and "immutable" in sheet.headers["Cache-Control"]
    assert "--brand-fill: light-dark(#0a7d5a," in sheet.text
    assert page.text.index("laurel.css") < page.text.index(address)


def test_an_older_address_of_the_sheet_gives_todays_and_is_not_kept(owner: FlaskClient):
    assert owner.get("/brand/0123456789abcdef.css").status_code == 404
    with_colours(owner)
    old = owner.get("/brand/0123456789abcdef.css")
    assert old.status_code == 200 and old.headers["Cache-Control"] == "no-store"


def test_one_can_go_back_to_the_products_own_colours(owner: FlaskClient, browser: Callable[[], FlaskClient]):
    with_colours(owner)
    assert post(owner, "/admin/brand/colours", {"own": "1", "version": version()}).status_code == 303
    assert "/brand/" not in browser().get("/").text


def test_a_colour_that_cannot_be_read_is_refused_with_the_nearest(owner: FlaskClient):
    answer = post(owner, "/admin/brand/colours", {"brand": "#777777", "version": version()})
    assert answer.status_code == 422 and "The nearest that works is #767676" in words(answer)
    assert brand().colours is None


@pytest.mark.parametrize(
    "colour", ["red;}body{", "url(x)", "#12345", "#1234567", "red", "</styl", "#\u0661\u0661\u0661111", ""]
)
def test_nothing_but_a_colour_becomes_a_sheet(owner: FlaskClient, colour: str):
    for fields in ({"brand": colour}, {"brand": "#2f55f0", "hero": colour or "x"}):
        answer = post(owner, "/admin/brand/colours", {**fields, "version": version()})
        assert answer.status_code == 422
    assert brand().colours is None
    assert owner.get("/admin/brand/preview.css", query_string={"brand": colour}).status_code == 404
    assert owner.get("/admin/brand/contrast", query_string={"brand": colour}).status_code == 200


def test_contrast_is_told_while_a_colour_is_chosen(owner: FlaskClient):
    told = owner.get("/admin/brand/contrast?brand=%23ffde02&hero=", headers={"HX-Request": "true"})
    said = words(told)
    assert "Everything can be read." in said and "buttons carry dark text" in said
    assert "preview.css?brand=%23ffde02" in told.text
    said = words(owner.get("/admin/brand/contrast?brand=%23777777"))
    assert "Some text could not be read." in said and "#767676" in said


def test_the_preview_touches_the_preview_alone(owner: FlaskClient):
    sheet = owner.get("/admin/brand/preview.css?brand=%230a7d5a").text
    assert sheet.startswith(".brand-preview {") and ":root" not in sheet


def test_a_logo_stands_on_pages_and_is_served_for_ever(owner: FlaskClient, browser: Callable[[], FlaskClient]):
    with_logo(owner)
    page = browser().get("/")
    kept = brand().logo
    assert kept is not None and f'src="{kept.address}"' in page.text
    assert f'rel="icon" href="{kept.icon}"' in page.text and "favicon.svg" not in page.text
    for address in (kept.address, kept.icon, kept.touch):
        answer = browser().get(address)
        assert answer.mimetype == "image/png" and "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_logo_that_says_the_name_hides_it_from_eyes_alone(owner: FlaskClient, browser: Callable[[], FlaskClient]):
    with_logo(owner, has_name="y")
    assert '<bdi class="visually-hidden">Meridian Markets</bdi>' in browser().get("/").text


def test_a_logo_can_be_taken_away(owner: FlaskClient, browser: Callable[[], FlaskClient]):
    with_logo(owner)
    address = brand().logo.address
    assert post(owner, "/admin/brand/logo/removal", {"version": version()}).status_code == 303
    assert "favicon.svg" in browser().get("/").text
    assert browser().get(address).status_code == 200  # mails that were sent still show it


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_refused(owner: FlaskClient, content: bytes):
    answer = post(owner, "/admin/brand/logo", {"logo": (io.BytesIO(content), "logo.png"), "version": version()})
    assert answer.status_code == 422 and "This picture cannot be read." in words(answer)
    assert post(owner, "/admin/brand/logo", {"version": version()}).status_code == 422
    assert brand().logo is None


@pytest.mark.parametrize("digest", ["x", "0" * 64, "0" * 63, "..%2f..%2fetc", "0" * 64 + "'--"])
def test_no_other_address_gives_a_picture(client: FlaskClient, digest: str):
    assert client.get(f"/brand/{digest}.png").status_code == 404


def test_mails_follow_name_logo_and_colour(owner: FlaskClient, alice: Person, browser: Callable[[], FlaskClient]):
    with_colours(owner, "#ffde02")
    with_logo(owner)
    post(owner, "/admin/brand", {**NAMES, "version": version()})
    post(browser(), "/forgot", {"email": alice.email})
    [mail] = mails()
    assert f'src="http://127.0.0.1:8000{brand().logo.address}"' in mail.html
    assert "background: #ffde02; color: #0b1020" in mail.html
    assert "Northwind" in mail.html and "Northwind" in mail.body and "<style" not in mail.html


def test_a_manager_reads_and_writes_nothing(client: FlaskClient, mia: Person):
    sign_in_staff(client, mia)
    page = client.get("/admin/brand")
    assert page.status_code == 200 and "Save colours" not in words(page) and "Upload" not in words(page)
    for address in ("", "/colours", "/logo", "/logo/removal"):
        assert post(client, f"/admin/brand{address}", {"version": version()}).status_code == 403


def test_the_warnings_are_those_of_the_companies(owner: FlaskClient):
    said = words(owner.get("/admin/brand"))
    assert "74.2% of retail accounts lose money" in said and "Meridian Markets UK Ltd" in said


def test_a_look_of_its_own_costs_member_pages_no_query(owner: FlaskClient, alice: Person, browser):
    reader = sign_in(browser(), alice)

    def asked() -> int:
        reader.get("/home")
        with counted() as statements:
            assert reader.get("/home").status_code == 200
        return len(statements)

    plain = asked()
    with_colours(owner)
    with_logo(owner)
    assert asked() == plain
    assert read_one(text("SELECT count(*) FROM brand_asset"))[0] == 3
