"""Passwords: which are refused, and what is kept of the others."""

import pytest

from app.gamification.errors.members import PasswordTooCommon, PasswordTooLong, PasswordTooShort
from app.gamification.members.breached import FILE, WIDTH, is_breached
from app.gamification.members.passwords import check_strength, hash_password, is_outdated, is_password


@pytest.mark.parametrize(
    "good", ["correct horse battery staple", "xK9#mQ2$vL", "كلمة سر طويلة جدا", "一个很长的密码短语啊啊"]
)
def test_a_good_password_is_taken(good: str):
    check_strength(good, "alice@example.com", "Alice Amari")


@pytest.mark.parametrize(
    ("bad", "refusal"),
    [
        ("", PasswordTooShort),
        ("short", PasswordTooShort),
        ("x" * 201, PasswordTooLong),
        ("aaaaaaaaaaaa", PasswordTooCommon),
        ("password123!", PasswordTooCommon),
        ("1234567890", PasswordTooCommon),
        ("0987654321", PasswordTooCommon),
        ("qwertyuiop", PasswordTooCommon),
        ("Trading2026!!", PasswordTooCommon),
        ("alice-amari", PasswordTooCommon),
        ("alice@example.com", PasswordTooCommon),
        ("4815162342", PasswordTooCommon),
        ("UsuckBallz1", PasswordTooCommon),
    ],
)
def test_what_an_attacker_tries_first_is_refused(bad: str, refusal: type[Exception]):
    with pytest.raises(refusal):
        check_strength(bad, "alice@example.com", "Alice Amari")


def test_the_list_of_lost_passwords_is_whole_and_sorted():
    kept = FILE.read_bytes()
    hashes = [kept[at : at + WIDTH] for at in range(0, len(kept), WIDTH)]
    assert len(hashes) > 100_000
    assert hashes == sorted(set(hashes))


@pytest.mark.parametrize("edge", ["", "\U0001f600" * 50, "x" * 100_000])
def test_what_is_not_on_the_list_is_not_found(edge: str):
    assert not is_breached(edge)


def test_a_hash_knows_its_password_and_no_other():
    hashed = hash_password("correct horse battery staple")
    assert hashed.startswith("$argon2id$") and hashed != hash_password("correct horse battery staple")
    assert is_password("correct horse battery staple", hashed)
    assert not is_password("Correct horse battery staple", hashed)
    assert not is_outdated(hashed)


@pytest.mark.parametrize("hashed", [None, "", "nonsense", "$argon2id$v=19$m=1,t=1,p=1$x$y"])
def test_without_a_hash_no_password_is_right(hashed: str | None):
    assert not is_password("anything at all", hashed)
    assert not is_password("nobody has this password", hashed)


def test_a_hash_of_weaker_times_is_renewed_when_its_owner_signs_in(app, client, alice):
    from argon2 import PasswordHasher
    from sqlalchemy import text

    from app.models.base import connection, transaction
    from tests.support.cast import PASSWORD, post, stored

    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with transaction():
        connection().execute(text("UPDATE member SET password_hash = :h WHERE id = :id"), {"h": old, "id": alice.id})
    assert post(client, "/login", {"email": alice.email, "password": PASSWORD}).status_code == 303
    assert stored(alice).password_hash != old and is_password(PASSWORD, stored(alice).password_hash)
