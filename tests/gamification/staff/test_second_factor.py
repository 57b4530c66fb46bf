"""The second factor: codes as phones make them, and recovery codes as people type them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import InvalidToken
from flask import Flask
from sqlalchemy import text

from app.gamification.errors.staff import CodeUsedBefore, SignInTookTooLong, WrongCode
from app.gamification.staff import recovery
from app.gamification.staff.second_factor import address_of, code_at, digits_of, new_secret, step_of
from app.lib import clock
from app.models.base import read_one, transaction
from app.routes.settings import second_factor
from tests.support.cast import Person
from tests.support.desk import code_of, give_phone
from tests.support.together import together

NOON = datetime(2026, 3, 2, 12, 0, 7, tzinfo=UTC)


def test_codes_are_those_of_the_standard():
    """The example of RFC 6238, its last six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert code_at(secret, datetime.fromtimestamp(59, UTC)) == "287082"
    assert code_at(secret, datetime.fromtimestamp(1_111_111_109, UTC)) == "081804"


def test_a_later_code_ends_those_before():
    secret = new_secret()
    ahead = step_of(secret, code_at(secret, NOON + timedelta(seconds=30)), now=NOON)
    with pytest.raises(CodeUsedBefore):
        step_of(secret, code_at(secret, NOON), now=NOON, after=ahead)


def test_every_step_that_may_be_meant_is_compared(monkeypatch: pytest.MonkeyPatch):
    import hmac

    secret, compared = new_secret(), []
    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda one, other: compared.append(one) or real(one, other))
    step_of(secret, code_at(secret, NOON - timedelta(seconds=30)), now=NOON)
    with pytest.raises(WrongCode):
        step_of(secret, "nonsense", now=NOON)
    assert len(compared) == 6


@pytest.mark.parametrize(
    ("typed", "read"), [("123 456", "123456"), ("١٢٣٤٥٦", "123456"), ("１２３４５６", "123456"), ("²²", "²²"), ("", "")]
)
def test_digits_are_digits_whatever_the_keyboard(typed: str, read: str):
    assert digits_of(typed) == read


def test_an_app_is_told_whose_codes_they_are():
    address = address_of("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "dana+x@example.com", "Meridian: Märkte desk")
    assert address.startswith("otpauth://totp/") and "secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" in address
    assert " " not in address


def test_recovery_codes_are_ten_that_nobody_guesses():
    codes = recovery.new_codes()
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[a-hjkmnp-z2-9]{4}(-[a-hjkmnp-z2-9]{4}){2}", code) for code in codes)


def test_of_two_that_bring_one_code_one_comes_in(app: Flask, dana: Person):
    secret, codes = give_phone(dana), recovery.new_codes()
    with transaction():
        second_factor().keep_codes(dana.id, codes)
    now = clock.now()
    for code in (code_of(secret), codes[0]):

        def bring(code: str = code) -> str:
            with transaction():
                return second_factor().take(dana.id, code, now=now).by

        made = together(app, [bring, bring])
        assert sum(isinstance(one, Exception) for one in made) == 1, made


def test_a_code_that_was_refused_is_not_used_up(dana: Person):
    secret = give_phone(dana)
    code = code_of(secret)
    with pytest.raises(RuntimeError), transaction():
        second_factor().take(dana.id, code, now=clock.now())
        raise RuntimeError("what came after it failed")
    with transaction():
        assert second_factor().take(dana.id, code, now=clock.now()).by == "code"


def test_without_a_phone_there_is_nothing_to_take(dana: Person):
    with pytest.raises(SignInTookTooLong), transaction():
        second_factor().take(dana.id, "123456", now=clock.now())


def test_a_secret_sealed_by_another_installation_cannot_be_read(dana: Person):
    from app.gamification.staff.second_factor import SecondFactor

    secret = give_phone(dana)
    with pytest.raises(InvalidToken), transaction():
        SecondFactor("another installation's secret").take(dana.id, code_of(secret), now=clock.now())
    sealed = read_one(text("SELECT totp_secret FROM staff WHERE id = :id"), {"id": dana.id})[0]
    assert secret.encode() not in bytes(sealed)
