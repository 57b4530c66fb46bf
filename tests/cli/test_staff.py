"""`staff …`: the console's way to people of the staff, each act in the audit log."""

from flask.testing import FlaskClient, FlaskCliRunner

from app.gamification.audit import reads as audit
from app.gamification.staff import recovery
from tests.support.cast import PASSWORD, Person, mails, sign_in_staff
from tests.support.desk import give_password, give_phone, stored_staff


def test_somebody_is_hired_by_the_console(cli: FlaskCliRunner, client: FlaskClient):
    args = ["staff", "create", "ines@example.com", "--role", "owner", "--password-stdin", "--json"]
    made = cli.invoke(args=args, input=PASSWORD + "\n")
    assert made.exit_code == 0, made.output
    assert give_password(client, Person(0, "", "ines@example.com")).location == "/admin/sign-in/setup"
    [entry] = audit.of_subject("staff", 1)
    assert (entry.staff_id, entry.action, entry.after) == (None, "staff.create", {"role": "owner"})


def test_the_list_tells_who_is_there(cli: FlaskCliRunner, client: FlaskClient, dana: Person, vera: Person):
    give_phone(dana)
    sign_in_staff(client, dana)
    said = cli.invoke(args=["staff", "list"]).output.splitlines()
    assert "second_factor" in said[0]
    assert said[1].startswith("dana@example.com") and "yes" in said[1] and "UTC" in said[1]
    assert said[2].startswith("vera@example.com") and " no " in said[2]


def test_a_lost_phone_is_set_up_anew(cli: FlaskCliRunner, client: FlaskClient, dana: Person):
    give_phone(dana)
    sign_in_staff(client, dana)
    done = cli.invoke(args=["staff", "reset-second-factor", "Dana@Example.com"])
    assert done.exit_code == 0, done.output
    row = stored_staff(dana)
    assert row.totp_secret is row.totp_since is row.totp_step is None
    assert not recovery.has_any(dana.id)
    assert client.get("/admin").status_code == 303, "every browser is signed out"
    assert give_password(client, dana).location == "/admin/sign-in/setup"
    [entry] = audit.of_subject("staff", dana.id)
    assert (entry.staff_id, entry.action) == (None, "staff.reset_second_factor")
    [mail] = mails()
    assert mail.recipient == dana.email and "was reset" in mail.subject


def test_somebody_leaves(cli: FlaskCliRunner, client: FlaskClient, dana: Person, vera: Person):
    sign_in_staff(client, vera)
    assert cli.invoke(args=["staff", "leave", vera.email]).exit_code == 0
    assert client.get("/admin").status_code == 303
    assert stored_staff(vera).left_at is not None
    again = cli.invoke(args=["staff", "leave", vera.email])
    assert again.exit_code == 1 and "nobody like that" in again.output


def test_the_last_owner_stays(cli: FlaskCliRunner, dana: Person, omar: Person):
    refused = cli.invoke(args=["staff", "leave", dana.email])
    assert refused.exit_code == 1 and "last owner" in refused.output
    assert stored_staff(dana).left_at is None
