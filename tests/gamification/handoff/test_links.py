"""What a link of the broker's must be, and everything that is not one."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from app.gamification.errors.handoff import BadPublicKey, HandoffLapsed, HandoffRefused, HandoffUnclear
from app.gamification.handoff import keys, writing
from app.gamification.handoff.links import LONGEST_TOKEN, Link, read
from app.lib import clock
from app.models.base import transaction
from tests.support.handoff import HOUSE, Site


def opened(token: str, now: datetime | None = None, audience: str = HOUSE) -> Link:
    return read(token, audience, now=now or clock.now())


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forged(header: Any, claims: Any, signature: bytes = b"") -> str:
    return f"{part(header)}.{part(claims)}.{part(signature)}"


def test_a_link_says_who_comes(site: Site):
    account = {"platform": "MT5", "server": "Meridian-Live", "login": 501, "currency": "USD"}
    claims = opened(
        site.token(
            email="ann@example.com",
            name="Ann",
            country="ae",
            class_="professional",
            entity="global",
            language="ar-AE",
            accounts=[account],
            iss="https://portal.example",
            unheard_of={"a": [1]},
        )
    ).claims
    assert (claims.sub, claims.email, claims.country, claims.client_class) == (
        "C-17",
        "ann@example.com",
        "ae",
        "professional",
    )
    assert claims.accounts[0].login == 501


@pytest.mark.parametrize("alg", ["EdDSA", "Ed25519"])
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_both_names_of_the_algorithm_are_read(site: Site, alg: str):
    header = {"alg": alg, "kid": site.key.thumbprint(), "typ": "JWT"}
    token = jws.serialize_compact(header, json.dumps(site.claims()).encode(), site.key, algorithms=[alg])
    assert opened(token).claims.sub == "C-17"


class TestForgery:
    @pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "HS256", "RS256", "ES256", "Ed448", "", "EDDSA"])
    def test_no_other_algorithm_is_named(self, site: Site, alg: str):
        header = {"alg": alg, "kid": site.key.thumbprint()}
        for signature in (b"", b"\0" * 64):
            with pytest.raises(HandoffRefused):
                opened(forged(header, site.claims(), signature))

    def test_the_public_key_is_no_secret_of_another_algorithm(self, site: Site):
        """The oldest confusion: the verifier's public key, taken as the secret of an HMAC."""
        public = writing.as_pem(keys.every()[0].public_key)
        for secret in (public.encode(), base64.urlsafe_b64decode(site.key.as_dict()["x"] + "=")):
            signing = f"{part({'alg': 'HS256', 'kid': site.key.thumbprint()})}.{part(site.claims())}"
            with pytest.raises(HandoffRefused):
                opened(f"{signing}.{part(hmac.digest(secret, signing.encode(), 'sha256'))}")

    @pytest.mark.parametrize("make", [lambda: RSAKey.generate_key(2048), lambda: ECKey.generate_key("P-256")])
    def test_keys_of_other_kinds_sign_nothing(self, site: Site, make: Callable[[], Any]):
        key = make()
        alg = "RS256" if isinstance(key, RSAKey) else "ES256"
        header = {"alg": alg, "kid": site.key.thumbprint()}
        token = jws.serialize_compact(header, json.dumps(site.claims()).encode(), key, algorithms=[alg])
        with pytest.raises(HandoffRefused):
            opened(token)

    def test_a_key_that_the_link_brings_along_counts_for_nothing(self, site: Site):
        mallory = Site()
        for more in (
            {"jwk": mallory.key.as_dict(private=False)},
            {"jku": "https://mallory.example/keys"},
            {"x5u": "https://mallory.example/cert"},
        ):
            token = mallory.sign(json.dumps(site.claims()).encode(), {"kid": site.key.thumbprint(), **more})
            with pytest.raises(HandoffRefused):
                opened(token)

    def test_the_key_of_somebody_else_does_not_sign_under_this_name(self, site: Site):
        mallory = Site()
        with pytest.raises(HandoffRefused):
            opened(mallory.sign(json.dumps(site.claims()).encode(), {"kid": site.key.thumbprint()}))
        with pytest.raises(HandoffRefused):
            opened(mallory.token())

    def test_what_was_signed_cannot_be_changed(self, site: Site):
        head, claims, signature = site.token().split(".")
        other = part(site.claims("C-18"))
        for changed in (
            f"{head}.{other}.{signature}",
            f"{head}.{claims}.{signature[:-4]}AAAA",
            f"{head}.{claims}.",
            f"{head}..{signature}",
            f"{head}.{claims}.{signature}.{signature}",
            f"{head}.{claims}",
            f"{head}.{claims}.{signature}=",
            f"{head}.{claims}.{signature}\n",
        ):
            with pytest.raises(HandoffRefused):
                opened(changed)

    @pytest.mark.parametrize(
        "header",
        [
            {"crit": ["b64"], "b64": False},
            {"crit": ["exp"]},
            {"b64": False},
            {"cty": "JWT"},
            {"zip": "DEF"},
            {"typ": "dpop+jwt"},
        ],
    )
    def test_a_header_that_asks_for_more_is_not_understood(self, site: Site, header: dict[str, Any]):
        said = {"alg": "Ed25519", "kid": site.key.thumbprint(), **header}
        signing = f"{part(said)}.{part(site.claims())}"
        signature = site.key.private_key.sign(signing.encode())  # type: ignore[union-attr]
        with pytest.raises(HandoffRefused):
            opened(f"{signing}.{part(signature)}")

    def test_a_retired_key_signs_nobody_in_any_more(self, site: Site):
        token = site.token()
        assert opened(token)
        with transaction():
            keys.retire(site.key.thumbprint(), now=clock.now())
        with pytest.raises(HandoffRefused) as refused:
            opened(token)
        assert refused.value.reason == "kid names no key in force"

    def test_of_two_keys_in_force_each_signs_under_its_own_name(self, site: Site):
        second = Site().add()
        assert opened(site.token()).key_id != opened(second.token()).key_id
        with pytest.raises(HandoffRefused):
            opened(site.sign(json.dumps(site.claims()).encode(), {"kid": second.key.thumbprint()}))

    def test_the_same_number_under_another_key_is_another_link(self, site: Site):
        second = Site().add()
        assert opened(site.token(jti="x" * 20)).digest != opened(second.token(jti="x" * 20)).digest
        assert opened(site.token(jti="x" * 20)).digest == opened(site.token("C-18", jti="x" * 20)).digest


HOSTILE: dict[str, Callable[[], str]] = {
    "nothing": lambda: "",
    "dots": lambda: "..",
    "no base64": lambda: "!!.!!.!!",
    "a megabyte": lambda: "A" * 1_000_000,
    "a megabyte of dots": lambda: "." * 1_000_000,
    "other letters": lambda: "é.é.é",
    "a lone surrogate": lambda: "\ud800.a.b",
    "zeros": lambda: "\0.\0.\0",
    "a header that is a text": lambda: forged("alg", {}),
    "a header that is a list": lambda: forged(["alg", "kid"], {}),
    "a header that is null": lambda: forged(None, {}),
    "an algorithm that is a list": lambda: forged({"alg": ["EdDSA"], "kid": "x"}, {}),
    "a key that is a number": lambda: forged({"alg": "EdDSA", "kid": 1}, {}),
    "no key": lambda: forged({"alg": "EdDSA"}, {}),
    "a header in another encoding": lambda: forged('{"alg":"EdDSA"}'.encode("utf-16"), {}),
    "a deep header": lambda: forged(b'{"alg":"EdDSA","kid":"x","y":' + b"[" * 2500, {}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_link_is_refused(site: Site, name: str):
    with pytest.raises(HandoffRefused):
        opened(HOSTILE[name]())


class TestClaims:
    @pytest.mark.parametrize("missing", ["sub", "aud", "iat", "exp", "jti"])
    def test_nothing_that_is_needed_may_be_missing(self, site: Site, missing: str):
        for absent in (..., None):
            with pytest.raises(HandoffUnclear) as refused:
                opened(site.token(**{missing: absent}))
            assert missing in refused.value.reason

    @pytest.mark.parametrize(
        "wrong",
        [
            {"sub": ""},
            {"sub": 17},
            {"sub": "x" * 65},
            {"sub": " C-17"},
            {"sub": "C-17\n"},
            {"sub": "C\u202e17"},
            {"sub": "С-17"},  # the first letter is Cyrillic
            {"jti": "short"},
            {"jti": "x" * 201},
            {"jti": 12345678},
            {"iat": "1700000000"},
            {"iat": True},
            {"exp": -1},
            {"exp": 10**30},
            {"exp": 2**63},
            {"exp": []},
            {"aud": []},
            {"aud": [HOUSE, "https://other.example"]},
            {"aud": [[HOUSE]]},
            {"aud": {"house": HOUSE}},
            {"class_": "vip"},
            {"class_": 2},
            {"country": "ZZ"},
            {"country": "UK"},
            {"country": "ARE"},
            {"country": "\u0627\u0645"},
            {"country": 44},
            {"email": ["ann@example.com"]},
            {"email_verified": "yes"},
            {"name": {"first": "Ann"}},
            {"name": "x" * 501},
            {"accounts": "mt5"},
            {"accounts": [{"platform": "mt5", "server": "x"}]},
            {"accounts": [{"platform": "mt5", "server": "x", "login": "1", "currency": "usd"}]},
            {"accounts": [{"platform": "mt 5", "server": "x", "login": "1"}]},
            {"accounts": [{"platform": "mt5", "server": "x\u202ey", "login": "1"}]},
            {"accounts": [{"platform": "mt5", "server": "x", "login": -1}]},
            {"accounts": [{"platform": "mt5", "server": "x", "login": 1.5}]},
            {"accounts": [{"platform": "m", "server": "x", "login": str(one)} for one in range(21)]},
        ],
        ids=str,
    )
    def test_what_is_said_wrongly_is_not_guessed_at(self, site: Site, wrong: dict[str, Any]):
        with pytest.raises(HandoffUnclear) as refused:
            opened(site.token(wrong.pop("sub", "C-17"), **wrong))
        assert refused.value.reason

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "9" * 500])
    def test_times_are_numbers_that_a_clock_can_show(self, site: Site, number: str):
        for name in ("iat", "exp", "nbf"):
            claims = json.dumps(site.claims(**{name: 12321})).replace("12321", number)
            with pytest.raises(HandoffRefused):
                opened(site.sign(claims.encode()))

    @pytest.mark.parametrize("payload", [b"", b"[]", b"null", b'"text"', b"{", b"\xff\xfe{}", b'{"sub":' + b"[" * 2000])
    def test_claims_that_are_no_object_are_refused(self, site: Site, payload: bytes):
        with pytest.raises(HandoffRefused):
            opened(site.sign(payload))

    def test_claims_that_are_deep_where_nobody_looks_are_refused(self, site: Site):
        inside = json.dumps(site.claims(odd=0)).replace('"odd": 0', '"odd": ' + "[" * 1500 + "]" * 700)
        with pytest.raises(HandoffRefused):
            opened(site.sign(inside.encode()))

    def test_the_longest_link_that_a_server_reads_carries_all_accounts(self, site: Site):
        accounts = [{"platform": "mt5", "server": "Meridian-Live", "login": str(5_000_000 + n)} for n in range(20)]
        token = site.token(email="ann@example.com", name="Ann Example", country="AE", accounts=accounts)
        assert len(token) < LONGEST_TOKEN
        assert len(opened(token).claims.accounts) == 20


class TestAudience:
    @pytest.mark.parametrize("aud", [HOUSE, HOUSE + "/", [HOUSE]])
    def test_it_is_this_installation(self, site: Site, aud: Any):
        assert opened(site.token(aud=aud))

    @pytest.mark.parametrize(
        "aud", ["https://other.example", "", "http://127.0.0.1", HOUSE.upper(), HOUSE + ".evil.example", HOUSE + "/x"]
    )
    def test_what_is_for_another_is_not_for_us(self, site: Site, aud: str):
        with pytest.raises(HandoffRefused) as refused:
            opened(site.token(aud=aud))
        assert "aud" in refused.value.reason


class TestTimes:
    NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)

    def at(self, site: Site, issued: float, life: float = 60, **more: Any) -> str:
        start = self.NOW.timestamp() + issued
        return site.token(iat=start, exp=start + life, **more)

    @pytest.mark.parametrize("issued", [0, -30, -59.5, -69, 9, 10])
    def test_a_minute_and_ten_seconds_of_other_clocks(self, site: Site, issued: float):
        assert opened(self.at(site, issued), self.NOW)

    @pytest.mark.parametrize("issued", [-70, -71, -3600, -(10**9)])
    def test_later_it_has_lapsed(self, site: Site, issued: float):
        with pytest.raises(HandoffLapsed):
            opened(self.at(site, issued), self.NOW)

    @pytest.mark.parametrize("issued", [11, 3600, 10**9])
    def test_earlier_it_is_not_yet(self, site: Site, issued: float):
        with pytest.raises(HandoffRefused) as refused:
            opened(self.at(site, issued), self.NOW)
        assert "future" in refused.value.reason

    def test_it_may_say_since_when(self, site: Site):
        assert opened(self.at(site, 0, nbf=int(self.NOW.timestamp()) + 5), self.NOW)
        with pytest.raises(HandoffRefused):
            opened(self.at(site, 0, nbf=int(self.NOW.timestamp()) + 30), self.NOW)

    @pytest.mark.parametrize("life", [61, 3600, 10**10, 0, -1])
    def test_none_is_good_for_longer_than_a_minute(self, site: Site, life: float):
        with pytest.raises(HandoffUnclear) as refused:
            opened(self.at(site, 0, life), self.NOW)
        assert "60 seconds" in refused.value.reason

    def test_it_is_remembered_until_nobody_would_take_it(self, site: Site):
        link = opened(self.at(site, 0), self.NOW)
        assert link.until == self.NOW + timedelta(seconds=70)
        with pytest.raises(HandoffLapsed):
            opened(self.at(site, 0), link.until)


@pytest.mark.usefixtures("app")
def test_without_a_key_there_is_no_way_in():
    with pytest.raises(HandoffRefused):
        opened(Site().token())


def test_a_key_of_another_curve_cannot_be_kept(app: Flask):
    with pytest.raises(BadPublicKey):
        writing.read(json.dumps(OKPKey.generate_key("Ed448").as_dict(private=False)))
