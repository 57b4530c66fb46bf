"""Reading what a sign-in link of the broker's says: a JWT, signed with Ed25519 and nothing else, a minute old at most.

The signature is checked by joserfc; what the token says is read into types, so that a time is a number, a list as short
as it may be, and nothing is compared that was not of the kind it should be.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

from app.gamification.errors.handoff import HandoffLapsed, HandoffRefused, HandoffUnclear
from app.gamification.handoff import keys
from app.lib.countries import country_codes

LONGEST_LIFE, SKEW = timedelta(seconds=60), timedelta(seconds=10)
# Servers read addresses of four thousand characters and a little.
LONGEST_TOKEN = 3_600
MOST_ACCOUNTS = 20
# RFC 9864 calls it Ed25519; the older name stands for another curve too, which no key here has.
ALGORITHMS = frozenset({"EdDSA", "Ed25519"})
LATEST = 2**40  # seconds since 1970

# As activities name members and accounts: printable ASCII, so that no two look the same.
Name = Annotated[str, msgspec.Meta(pattern=r"^[!-~]([ -~]{0,62}[!-~])?\Z")]
Text = Annotated[str, msgspec.Meta(max_length=500)]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=LATEST)] | Annotated[float, msgspec.Meta(ge=0, le=LATEST)]


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands before the claims. Nothing in it brings a key along, nor anything that must be understood."""

    alg: str
    kid: str
    typ: str = "JWT"


class Account(msgspec.Struct, frozen=True):
    """A trading account that the broker says is the client's."""

    platform: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,31}\Z")]
    server: Name
    login: Name | Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")] | None = None


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What a link says, its signature checked. What is left out is not known and changes nothing.

    `iat`, `exp` and `nbf` are seconds since 1970; `country` is ISO 3166-1 alpha-2, `entity` the key of one of the
    broker's legal entities. An address counts as checked by the broker unless `email_verified` is false.
    """

    sub: Name
    aud: str | Annotated[list[str], msgspec.Meta(min_length=1, max_length=1)]
    iat: Seconds
    exp: Seconds
    jti: Annotated[str, msgspec.Meta(min_length=8, max_length=200)]
    nbf: Seconds | None = None
    email: Text | None = None
    email_verified: bool = True
    name: Text | None = None
    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z]{2}\Z")] | None = None
    client_class: Literal["unknown", "retail", "professional", "eligible"] | None = msgspec.field(
        name="class", default=None
    )
    entity: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    language: Annotated[str, msgspec.Meta(max_length=35)] | None = None
    accounts: Annotated[tuple[Account, ...], msgspec.Meta(max_length=MOST_ACCOUNTS)] = ()


class Link(msgspec.Struct, frozen=True):
    """A link that may sign somebody in, once: `digest` is what is remembered of it until it would have lapsed."""

    claims: Claims
    key_id: int
    digest: bytes
    until: datetime


class OneAlgorithm(JWSRegistry):
    """Ed25519, by either of its names, whatever else the library knows; and no token that is longer than it need be."""

    max_payload_length = LONGEST_TOKEN

    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(name)
        # That of the one curve, so that no key of the other is ever tried.
        return self.algorithms["Ed25519"]


_REGISTRY = OneAlgorithm()
_HEADER = msgspec.json.Decoder(Header)
_CLAIMS = msgspec.json.Decoder(Claims)


def read(token: str, audience: str, *, now: datetime) -> Link:
    """What a link says that was signed with a key in force, for this installation, a moment ago.

    `audience` is this installation's public address. Asks the database nothing but the keys, which are kept. Raises
    HandoffRefused, HandoffLapsed, HandoffUnclear.
    """
    if not token or len(token) > LONGEST_TOKEN or not token.isascii():
        raise HandoffRefused("no token of a size that is read")
    header = _header(token)
    key = keys.find(header.kid)
    if key is None:
        raise HandoffRefused("kid names no key in force")
    try:
        signed = jws.deserialize_compact(token, key.opened(), registry=_REGISTRY)
    except (JoseError, ValueError) as error:
        raise HandoffRefused(f"the signature is not good: {type(error).__name__}") from None
    claims = _claims(signed.payload or b"")
    _check_audience(claims, audience)
    _check_times(claims, now)
    if claims.country is not None and claims.country.upper() not in country_codes():
        raise HandoffUnclear("country is no code of ISO 3166-1")
    digest = hashlib.sha256(f"{key.key}\n{claims.jti}".encode()).digest()
    return Link(claims, key.id, digest, datetime.fromtimestamp(claims.exp, UTC) + SKEW)


def _header(token: str) -> Header:
    try:
        header = _HEADER.decode(urlsafe_b64decode(token.partition(".")[0].encode()))
    # Deep nesting is no error of the format to whoever reads it.
    except (ValueError, RecursionError):
        raise HandoffRefused("the header is not {alg, kid, typ}") from None
    if header.alg not in ALGORITHMS:
        raise HandoffRefused("alg is not EdDSA")
    if header.typ.upper() != "JWT":
        raise HandoffRefused("typ is not JWT")
    return header


def _claims(payload: bytes) -> Claims:
    try:
        return _CLAIMS.decode(payload)
    except msgspec.ValidationError as error:
        raise HandoffUnclear(str(error)) from None
    except (ValueError, RecursionError):
        raise HandoffUnclear("the claims are no JSON object") from None


def _check_audience(claims: Claims, audience: str) -> None:
    # One and no other: what is meant for somebody else too could be brought here by them.
    named = claims.aud if isinstance(claims.aud, str) else claims.aud[0]
    if named.rstrip("/") != audience.rstrip("/"):
        raise HandoffRefused("aud is not the public address of this installation")


def _check_times(claims: Claims, now: datetime) -> None:
    seconds, skew = now.timestamp(), SKEW.total_seconds()
    if not 0 < claims.exp - claims.iat <= LONGEST_LIFE.total_seconds():
        raise HandoffUnclear("exp is not within 60 seconds after iat")
    if claims.iat > seconds + skew or (claims.nbf is not None and claims.nbf > seconds + skew):
        raise HandoffRefused("iat or nbf lies in the future: compare the clocks")
    if claims.exp <= seconds - skew:
        raise HandoffLapsed("exp lies in the past: compare the clocks")
