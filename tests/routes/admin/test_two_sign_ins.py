"""A member's sign-in and one at the desk in the same browser: neither ends the other, and neither helps the other."""

from flask.testing import FlaskClient

from tests.support.cast import PASSWORD, Person, post, sign_in, sign_in_staff, token, words
from tests.support.desk import give_password, give_phone


def log_in(client: FlaskClient, member: Person):
    return post(client, "/login", {"email": member.email, "password": PASSWORD})


def test_signing_in_as_a_member_leaves_the_desk_open(client: FlaskClient, alice: Person, mia: Person):
    sign_in_staff(client, mia)
    assert log_in(client, alice).location == "/home"
    assert client.get("/home").status_code == client.get("/admin").status_code == 200


def test_signing_out_as_a_member_leaves_the_desk_open(client: FlaskClient, alice: Person, mia: Person):
    sign_in_staff(sign_in(client, alice), mia)
    assert post(client, "/logout").location == "/"
    assert client.get("/home").status_code == 303
    assert client.get("/admin").status_code == 200


def test_signing_out_at_the_desk_leaves_the_member_signed_in(client: FlaskClient, alice: Person, mia: Person):
    sign_in_staff(sign_in(client, alice), mia)
    assert post(client, "/admin/sign-out").location == "/"
    assert client.get("/admin").status_code == 303
    assert client.get("/home").status_code == 200


def test_a_member_who_signs_in_does_not_make_half_a_sign_in_whole(client: FlaskClient, alice: Person, mia: Person):
    give_phone(mia)
    assert give_password(client, mia).location == "/admin/sign-in/code"
    log_in(client, alice)
    assert client.get("/admin").location.startswith("/admin/sign-in")
    assert client.get("/admin/sign-in/code").status_code == 200


def test_a_sign_in_ends_what_was_planted_in_the_browser(client: FlaskClient, alice: Person, mia: Person):
    sign_in_staff(client, mia)
    with client.session_transaction() as session:
        session["planted"] = "by a stranger"
    before = token(client)
    log_in(client, alice)
    with client.session_transaction() as session:
        assert "planted" not in session
    assert token(client) != before


def test_a_view_that_the_sign_out_at_the_desk_ended_lets_nobody_act(client: FlaskClient, alice: Person, mia: Person):
    sign_in_staff(client, mia)
    post(client, f"/admin/members/{alice.id}/view")
    assert "Alice" in words(client.get("/profile"))
    post(client, "/admin/sign-out")
    assert client.get("/profile").status_code == 303
    assert "Alice" not in words(client.get("/profile"))
