"""The people of the staff, and how others become some."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from time_machine import travel

from app.gamification.staff import invitations
from app.lib import clock
from app.models.base import read_one, transaction
from tests.support.cast import PASSWORD, Person, link_in, mails, post, sign_in_staff, words
from tests.support.desk import code_of, give_phone, secret_on, stored_staff
from tests.support.queries import counted

PAT = {"name": "Pat Park", "email": "pat@example.com", "role": "viewer"}


@pytest.fixture
def owner(client: FlaskClient, dana: Person) -> FlaskClient:
    return sign_in_staff(client, dana)


def shown_link(client: FlaskClient) -> str | None:
    found = re.search(
        r'id="invitation-link" dir="ltr">[^<]*?(/admin/invitation\?token=[\w-]+)<',
        client.get("/admin/people/invitations").text,
    )
    return found[1] if found else None


class TestTheList:
    def test_tells_role_second_factor_and_state(self, owner: FlaskClient, omar: Person, vera: Person):
        give_phone(omar)
        post(owner, f"/admin/people/{vera.id}/departure", {"sure": "y"})
        said = words(owner.get("/admin/people"))
        assert "Omar Rahal omar@example.com Approver In use" in said
        assert "Vera Voss vera@example.com Viewer Not yet" in said and "Has left" in said
        assert "1 to 1 of 1" in words(owner.get("/admin/people?state=left"))
        assert "1 to 1 of 1" in words(owner.get("/admin/people?role=approver"))
        assert "1 to 1 of 1" in words(owner.get("/admin/people?q=omar"))

    def test_costs_a_few_statements(self, owner: FlaskClient, omar: Person, vera: Person):
        owner.get("/admin/people")
        with counted() as statements:
            owner.get("/admin/people")
        assert len(statements) <= 3, statements

    def test_who_reads_sees_people_but_not_their_browsers(self, client: FlaskClient, vera: Person, dana: Person):
        sign_in_staff(client, vera)
        assert "Dana Dahl" in words(client.get("/admin/people"))
        said = words(client.get(f"/admin/people/{dana.id}"))
        assert "Where they are signed in" not in said and "Another role" not in said
        assert "Invitations" not in words(client.get("/admin/people"))

    def test_the_export_is_a_file(self, owner: FlaskClient):
        assert "dana@example.com" in owner.get("/admin/people/export.csv").text


class TestAPerson:
    def test_is_lowered_at_once(self, owner: FlaskClient, browser: Callable[[], FlaskClient], omar: Person):
        omars = sign_in_staff(browser(), omar)
        assert post(owner, f"/admin/people/{omar.id}/role", {"role": "viewer"}).location == f"/admin/people/{omar.id}"
        assert "The role is changed" in words(owner.get(f"/admin/people/{omar.id}"))
        assert omars.get("/admin").status_code == 303

    def test_is_raised_by_two(self, owner: FlaskClient, omar: Person, vera: Person):
        post(owner, f"/admin/people/{vera.id}/role", {"role": "manager"})
        assert "waits for a second person" in words(owner.get(f"/admin/people/{vera.id}"))
        assert stored_staff(vera).role == "viewer"

    @pytest.mark.parametrize("role", ["", "king", "owner' --"])
    def test_has_one_of_four_roles(self, owner: FlaskClient, omar: Person, role: str):
        answer = post(owner, f"/admin/people/{omar.id}/role", {"role": role})
        assert answer.status_code == 422 and "Choose one from the list" in words(answer)

    def test_does_not_change_their_own_role(self, owner: FlaskClient, dana: Person):
        assert "Another role" not in words(owner.get(f"/admin/people/{dana.id}"))
        answer = post(owner, f"/admin/people/{dana.id}/role", {"role": "viewer"})
        assert answer.status_code == 403 and "Nobody changes their own role" in words(answer)

    def test_leaves_and_is_out_at_once(self, owner: FlaskClient, browser: Callable[[], FlaskClient], omar: Person):
        omars = sign_in_staff(browser(), omar)
        assert post(owner, f"/admin/people/{omar.id}/departure").status_code == 422, "not without a second thought"
        assert post(owner, f"/admin/people/{omar.id}/departure", {"sure": "y"}).location == "/admin/people"
        assert omars.get("/admin").status_code == 303
        assert post(owner, f"/admin/people/{omar.id}/departure", {"sure": "y"}).status_code == 404

    def test_is_not_let_go_as_the_last_owner(self, owner: FlaskClient, dana: Person):
        answer = post(owner, f"/admin/people/{dana.id}/departure", {"sure": "y"})
        assert answer.status_code == 422 and "the last owner" in words(answer)
        assert owner.get("/admin").status_code == 200

    def test_is_signed_out_by_an_owner(self, owner: FlaskClient, browser: Callable[[], FlaskClient], omar: Person):
        omars = sign_in_staff(browser(), omar)
        [handle] = re.findall(r'name="browser" value="([0-9a-f]{20})"', owner.get(f"/admin/people/{omar.id}").text)
        post(owner, f"/admin/people/{omar.id}/sign-ins/end", {"browser": handle})
        assert omars.get("/admin").status_code == 303

    @pytest.mark.parametrize("who", ["omar", "mia", "vera"])
    def test_is_nothing_to_those_who_own_nothing(
        self, client: FlaskClient, dana: Person, who: str, request: pytest.FixtureRequest
    ):
        sign_in_staff(client, request.getfixturevalue(who))
        for verb in ("role", "departure", "sign-ins/end"):
            assert post(client, f"/admin/people/{dana.id}/{verb}", {"role": "viewer", "sure": "y"}).status_code == 403
        assert client.get("/admin/people/invitations").status_code == 403
        assert post(client, "/admin/people/invitations", PAT).status_code == 403

    def test_that_is_not_there_is_not_found(self, owner: FlaskClient):
        assert owner.get("/admin/people/999").status_code == 404
        assert post(owner, "/admin/people/999/role", {"role": "viewer"}).status_code == 404

    def test_a_role_taken_away_counts_in_the_middle_of_their_work(
        self, owner: FlaskClient, browser: Callable[[], FlaskClient], dana: Person
    ):
        from tests.support.cast import make_staff

        inge = make_staff("inge@example.com", "Inge Ihle", "owner")
        inges = sign_in_staff(browser(), inge)
        page = inges.get("/admin/people/invitations")
        post(owner, f"/admin/people/{inge.id}/role", {"role": "viewer"})
        assert page.status_code == 200
        assert post(inges, "/admin/people/invitations", PAT).location == "/admin/sign-in"
        sign_in_staff(inges, inge)
        assert post(inges, "/admin/people/invitations", PAT).status_code == 403


class TestAnInvitation:
    def test_is_mailed_and_its_link_shown_once(self, owner: FlaskClient):
        assert post(owner, "/admin/people/invitations", PAT).location == "/admin/people/invitations"
        link = shown_link(owner)
        assert link == link_in(mails()[0])
        assert shown_link(owner) is None
        assert "Pat Park pat@example.com Viewer Sent" in words(owner.get("/admin/people/invitations"))

    def test_leads_to_a_desk_with_a_phone(self, owner: FlaskClient, browser: Callable[[], FlaskClient]):
        post(owner, "/admin/people/invitations", PAT)
        link, pat = shown_link(owner) or "", browser()
        page = pat.get(link)
        assert "Join the desk of Meridian Rewards" in words(page) and 'value="Pat Park"' in page.text
        assert pat.get(link).status_code == 200, "looking at it uses nothing up"
        token = link.partition("token=")[2]
        joined = post(pat, "/admin/invitation", {"token": token, "name": "Pat P.", "password": PASSWORD})
        assert joined.location == "/admin/sign-in/setup"
        assert pat.get("/admin").status_code == 303, "no page opens before the phone is set up"
        post(pat, "/admin/sign-in/setup", {"code": code_of(secret_on(pat.get("/admin/sign-in/setup")))})
        assert post(pat, "/admin/sign-in/recovery-codes", {"kept": "y"}).location == "/admin"
        assert "Pat P." in words(pat.get("/admin/me"))
        assert pat.get("/admin/people/invitations").status_code == 403
        late = browser().get(link)
        assert late.status_code == 410 and "no longer works" in words(late)
        assert "Joined" in words(owner.get("/admin/people/invitations"))

    def test_keeps_what_was_typed_when_something_is_wrong(self, owner: FlaskClient, client: FlaskClient):
        post(owner, "/admin/people/invitations", PAT)
        token = (shown_link(owner) or "").partition("token=")[2]
        answer = post(client, "/admin/invitation", {"token": token, "name": "Pat P.", "password": "short"})
        assert answer.status_code == 422 and 'value="Pat P."' in answer.text and "at least 10" in words(answer)

    def test_that_was_revoked_or_is_old_opens_nothing(self, owner: FlaskClient, browser: Callable[[], FlaskClient]):
        post(owner, "/admin/people/invitations", PAT)
        link, stranger = shown_link(owner) or "", browser()
        with travel(clock.now() + timedelta(days=4), tick=False):
            assert stranger.get(link).status_code == 410
        post(owner, "/admin/people/invitations/1/revocation")
        data = {"token": link.partition("token=")[2], "name": "Pat", "password": PASSWORD}
        assert stranger.get(link).status_code == 410
        assert post(stranger, "/admin/invitation", data).status_code == 410
        assert read_one(text("SELECT count(*) FROM staff WHERE email = 'pat@example.com'"))[0] == 0

    def test_gets_a_new_link_that_kills_the_old(self, owner: FlaskClient, browser: Callable[[], FlaskClient]):
        post(owner, "/admin/people/invitations", PAT)
        old = shown_link(owner) or ""
        post(owner, "/admin/people/invitations/1/link")
        new = shown_link(owner) or ""
        assert old != new
        assert browser().get(old).status_code == 410
        assert browser().get(new).status_code == 200

    def test_to_more_than_reading_waits(self, owner: FlaskClient, omar: Person):
        post(owner, "/admin/people/invitations", PAT | {"role": "owner"})
        assert shown_link(owner) is None and not mails()
        said = words(owner.get("/admin/people/invitations"))
        assert "Waits for a second person" in said
        assert post(owner, "/admin/people/invitations/1/link").status_code == 404

    def test_once_approved_is_on_its_way(self, owner: FlaskClient, dana: Person, omar: Person):
        from app.gamification.approvals import proposals

        post(owner, "/admin/people/invitations", PAT | {"role": "owner"})
        proposal = read_one(text("SELECT id, digest FROM proposal"))
        with transaction():
            proposals.approve(omar.id, proposal.id, bytes(proposal.digest).hex(), now=clock.now())
        assert invitations.opened_by(link_in(mails()[0]).partition("token=")[2], now=clock.now()).role == "owner"

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ({"email": "pat"}, "This is not an email address"),
            ({"email": "dana@example.com"}, "somebody on the staff with the address"),
            ({"name": ""}, "Fill this in"),
            ({"role": "king"}, "Choose one from the list"),
        ],
    )
    def test_is_checked(self, owner: FlaskClient, wrong: dict[str, str], told: str):
        answer = post(owner, "/admin/people/invitations", PAT | wrong)
        assert answer.status_code == 422 and told in words(answer)

    def test_names_are_never_markup(self, owner: FlaskClient):
        post(owner, "/admin/people/invitations", PAT | {"name": "<b>Pat</b>"})
        assert "<b>Pat</b>" not in owner.get("/admin/people/invitations").text
        assert "<b>Pat</b>" not in (mails()[0].html or "")


@pytest.mark.usefixtures("demo")
class TestTheDemoStaff:
    @pytest.fixture(autouse=True)
    def cast(self, dana: Person, mia: Person) -> None:
        from app.models.base import connection

        with transaction():
            connection().execute(text("UPDATE staff SET demo_role = role"))

    def test_one_click_opens_the_desk(self, client: FlaskClient):
        said = words(client.get("/"))
        assert "Try the desk" in said and "Dana Dahl Owner" in said and "Mia Moreau Programme manager" in said
        assert post(client, "/demo/desk", {"role": "manager"}).location == "/admin"
        assert "Mia Moreau" in words(client.get("/admin"))
        assert client.get("/admin/people/invitations").status_code == 403

    def test_there_is_no_way_in_as_anybody_else(self, client: FlaskClient, omar: Person):
        for role in ("", "approver", "omar", "1", "nobody"):
            assert post(client, "/demo/desk", {"role": role}).status_code == 404

    def test_who_has_left_plays_no_more(self, client: FlaskClient, dana: Person, mia: Person):
        from app.gamification.staff import people

        with transaction():
            people.leave(dana.id, mia.id, now=clock.now())
        assert "Mia Moreau" not in words(client.get("/"))
        assert post(client, "/demo/desk", {"role": "manager"}).status_code == 404
