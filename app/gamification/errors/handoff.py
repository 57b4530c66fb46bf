"""What stands in the way of a sign-in by the broker: a link that signs nobody in, a key that cannot be kept.

`reason` is for the logs, by which whoever connects the broker's site finds what to mend; it holds nothing of a link
that says who somebody is.
"""

from typing import Any

from app.gamification.errors import Conflict, NotFound, Refusal
from app.lib.i18n import _l


class HandoffRefused(Refusal):
    """A link that nobody can be signed in by."""

    msgid = _l("We cannot tell that this link comes from your broker, so it signs nobody in.")

    def __init__(self, reason: str, **values: Any) -> None:
        self.reason = reason
        super().__init__(**values)


class HandoffLapsed(HandoffRefused):
    msgid = _l("A link of your broker's works for a minute, and this one is older.")


class HandoffUsed(HandoffRefused):
    msgid = _l("This link has signed somebody in already. Each works once.")


class HandoffUnclear(HandoffRefused):
    msgid = _l("Your broker's site left something out that we need, or said it in a way that we do not understand.")


class HandoffClosed(HandoffRefused):
    msgid = _l("The company of your broker that you are a client of takes no new members at the moment.")


# The keys that links are checked with, as staff keep them


class BadPublicKey(Refusal):
    msgid = _l(
        "This is no public key of the kind Ed25519. Paste it as PEM, from “BEGIN PUBLIC KEY” on, or as JWK, with its "
        "braces."
    )
    field = "public_key"


class PrivateKeyGiven(Refusal):
    msgid = _l(
        "This is the private key, which nobody but your own system may ever hold. Make a new pair there, and paste its "
        "public key here."
    )
    field = "public_key"


class PublicKeyKnown(Conflict):
    msgid = _l("This public key was added before. A retired one does not come back: make a new pair.")
    field = "public_key"


class TooManyHandoffKeys(Conflict):
    msgid = _l(
        "Two keys of the name %(name)s are in force already. Retire the one that is not used any more, then add the "
        "next."
    )
    field = "name"


class HandoffKeyNotFound(NotFound):
    msgid = _l("There is no such key in force.")


class BadPrivateKey(Refusal):
    msgid = _l("This file holds no private key of the kind Ed25519 that can be read without a passphrase.")
