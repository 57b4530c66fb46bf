"""The public keys of the broker's site: read as PEM or JWK, two of a name, and gone within a second once retired."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from flask import Flask
from joserfc.jwk import ECKey, OctKey, RSAKey

from app.gamification.audit import reads as audit
from app.gamification.errors.desk import BadKeyName
from app.gamification.errors.handoff import (
    BadPublicKey,
    HandoffKeyNotFound,
    PrivateKeyGiven,
    PublicKeyKnown,
    TooManyHandoffKeys,
)
from app.gamification.errors.staff import NotEntitled
from app.gamification.handoff import keys, writing
from app.lib import clock
from app.models.base import transaction
from tests.support.cast import Person
from tests.support.handoff import Site
from tests.support.together import together

# RFC 8037, appendix A: a key, and its thumbprint.
EXAMPLE = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def add(name: str, text: str, by: int | None = None) -> int:
    with transaction():
        return keys.add(name, text, now=clock.now(), by=by)


def jwk(x: str, **more: str) -> str:
    return json.dumps({"kty": "OKP", "crv": "Ed25519", "x": x, **more})


def pem() -> str:
    key = Ed25519PrivateKey.generate().public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_the_fingerprint_is_that_of_the_standard():
    assert writing.fingerprint(EXAMPLE) == THUMBPRINT


def test_pem_and_jwk_are_one_key(app: Flask):
    text = writing.as_pem(EXAMPLE)
    assert writing.read(text) == writing.read(jwk(EXAMPLE, kid="mine", use="sig"))
    assert writing.read(f"\n  {text.replace(chr(10), chr(13) + chr(10))} ") == writing.read(text)
    add("Portal", text)
    [kept] = keys.every()
    assert (kept.key, kept.public_key, kept.retired_at) == (THUMBPRINT, EXAMPLE, None)


@pytest.mark.parametrize(
    "make",
    [
        lambda: "",
        lambda: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8z",
        lambda: EXAMPLE,
        lambda: "{",
        lambda: "{}",
        lambda: "[" * 1500,
        lambda: "{" * 1500,
        lambda: '{"a":' * 350,
        lambda: "null",
        lambda: jwk(EXAMPLE[:-3]),
        lambda: jwk(EXAMPLE + "AAAA"),
        lambda: jwk("é" * 43),
        lambda: jwk(""),
        lambda: json.dumps({"kty": "OKP", "crv": "Ed25519", "x": 17}),
        lambda: json.dumps({"kty": "OKP", "crv": "Ed448", "x": EXAMPLE}),
        lambda: json.dumps({"kty": "OKP", "crv": "X25519", "x": EXAMPLE}),
        lambda: json.dumps({"kty": "EC", "crv": "Ed25519", "x": EXAMPLE}),
        lambda: json.dumps(OctKey.generate_key(256).as_dict()),
        lambda: json.dumps(RSAKey.generate_key(2048).as_dict(private=False)),
        lambda: ECKey.generate_key("P-256").as_pem(private=False).decode(),
        lambda: RSAKey.generate_key(2048).as_pem(private=False).decode(),
        lambda: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        lambda: pem() * 30,
    ],
)
def test_what_is_no_key_of_the_kind_is_not_kept(make: Callable[[], str]):
    with pytest.raises(BadPublicKey):
        writing.read(make())


@pytest.mark.parametrize("y", [0, 1, 2**255 - 20, 2**255 - 19, 2**255 - 18])
def test_a_point_that_anybody_can_sign_for_is_not_kept(y: int):
    for sign in (0, 1):
        point = (y | sign << 255).to_bytes(32, "little")
        with pytest.raises(BadPublicKey):
            writing.read(jwk(urlsafe_b64encode(point).decode()))


def test_a_private_key_is_sent_back_with_what_to_do():
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    for text in (private, json.dumps(Site().key.as_dict(private=True)), private + pem()):
        with pytest.raises(PrivateKeyGiven):
            writing.read(text)


@pytest.mark.parametrize("name", ["", " \u202e", "x" * 61])
def test_a_key_has_a_name_that_can_be_read(app: Flask, name: str):
    with pytest.raises(BadKeyName):
        add(name, Site().jwk)


def test_two_of_a_name_are_in_force_at_once(app: Flask):
    first, second = Site().add(), Site().add("client PORTAL")
    with pytest.raises(TooManyHandoffKeys):
        Site().add("Client portal")
    Site().add("Another site")
    with transaction():
        keys.retire(first.key.thumbprint(), now=clock.now())
    Site().add()
    assert keys.find(second.key.thumbprint()) is not None


def test_a_retired_key_does_not_come_back(site: Site):
    for again in (site.jwk, writing.as_pem(keys.every()[0].public_key)):
        with pytest.raises(PublicKeyKnown):
            add("Another", again)
    with transaction():
        keys.retire(site.key.thumbprint(), now=clock.now())
    assert keys.find(site.key.thumbprint()) is None
    with pytest.raises(PublicKeyKnown):
        site.add()
    with pytest.raises(HandoffKeyNotFound), transaction():
        keys.retire(site.key.thumbprint(), now=clock.now())


def test_only_owners_add_and_retire(app: Flask, dana: Person, omar: Person):
    key_id = add("Portal", jwk(EXAMPLE), dana.id)
    for act in (
        lambda: keys.add("Portal", Site().jwk, now=clock.now(), by=omar.id),
        lambda: keys.rotate(key_id, Site().jwk, now=clock.now(), by=omar.id),
        lambda: keys.retire(THUMBPRINT, now=clock.now(), by=omar.id),
    ):
        with pytest.raises(NotEntitled), transaction():
            act()
    assert [key.retired_at for key in keys.every()] == [None]


def test_it_is_told_who_did_it(app: Flask, dana: Person):
    key_id = add("Portal", jwk(EXAMPLE), dana.id)
    with transaction():
        keys.retire(THUMBPRINT, now=clock.now(), by=dana.id)
    retired, added = audit.of_subject("handoff_key", key_id)
    assert (added.action, added.staff_id, added.after) == ("handoff_key.add", dana.id, {"key": THUMBPRINT})
    assert (retired.action, retired.staff_id, retired.before) == ("handoff_key.retire", dana.id, {"key": THUMBPRINT})


def test_of_many_that_are_added_at_once_two_stay(app: Flask):
    made = together(app, [lambda: Site().add() for _ in range(5)])
    assert sum(isinstance(one, TooManyHandoffKeys) for one in made) == 3
    assert len(keys.every()) == 2
