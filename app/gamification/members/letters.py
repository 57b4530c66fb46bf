"""What is mailed to people about their membership: sentences and one link, put into words by whoever sends them."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.gamification.messages.wording import Wording
from app.lib.i18n import Sentence, _l


@dataclass(frozen=True)
class Line:
    """One of several things that a mail lists, and when it was."""

    wording: Wording
    at: datetime | None = None


@dataclass(frozen=True)
class Letter:
    """A mail as sentences; `address` is where its one button leads, within this installation.

    One that lists `lines` can be ended at the address `unsubscribe`; `zone` is the reader's, for its moments, and
    `foot` stands small below everything.
    """

    subject: Sentence
    paragraphs: tuple[Sentence, ...]
    button: Sentence | None = None
    address: str = ""
    lines: tuple[Line, ...] = ()
    more: Sentence | None = None  # what else there is, below the lines
    zone: str = ""
    unsubscribe: str = ""
    why: Sentence | None = None  # why it comes, beside the way out of it
    foot: Sentence | None = None


def local(at: datetime, time_zone: str) -> str:
    """A moment in somebody's own zone, in digits that every language reads: no page's reader is there to ask."""
    return f"{at.astimezone(ZoneInfo(time_zone)):%Y-%m-%d %H:%M} ({time_zone})"


def confirm_address(name: str, programme: str, token: str) -> Letter:
    """To someone who joined: their address counts once they press the button."""
    return Letter(
        Sentence(_l("Confirm your email address for %(programme)s"), {"programme": programme}),
        (
            Sentence(_l("Hello %(name)s,"), {"name": name}),
            Sentence(_l("You joined %(programme)s. Confirm that this address is yours."), {"programme": programme}),
            Sentence(_l("The link works for three days, once. If you did not join, ignore this mail.")),
        ),
        Sentence(_l("Confirm my address")),
        f"/verify?token={token}",
    )


def known_already(name: str, programme: str, token: str) -> Letter:
    """To a member whose address was used to join again: nothing happened, and here is a way in."""
    return Letter(
        Sentence(_l("You are already a member of %(programme)s"), {"programme": programme}),
        (
            Sentence(_l("Hello %(name)s,"), {"name": name}),
            Sentence(_l("Someone, probably you, tried to join with this address. You are a member already.")),
            Sentence(_l("Sign in as usual, or set a new password with this link. It works for one hour, once.")),
        ),
        Sentence(_l("Set a new password")),
        f"/reset?token={token}",
    )


def reset_password(name: str, programme: str, token: str) -> Letter:
    """To a member who forgot the password."""
    return Letter(
        Sentence(_l("A new password for %(programme)s"), {"programme": programme}),
        (
            Sentence(_l("Hello %(name)s,"), {"name": name}),
            Sentence(_l("Set a new password with this link. It works for one hour, once.")),
            Sentence(_l("If you did not ask for it, ignore this mail: your password stays as it is.")),
        ),
        Sentence(_l("Set a new password")),
        f"/reset?token={token}",
    )


def not_a_member(programme: str) -> Letter:
    """To an address that nobody joined with: the page may not say so, the mail may."""
    return Letter(
        Sentence(_l("A new password for %(programme)s"), {"programme": programme}),
        (
            Sentence(
                _l("Someone, probably you, asked for a new password. Nobody joined %(programme)s with this address."),
                {"programme": programme},
            ),
            Sentence(_l("Perhaps you joined with another one. If it was not you, ignore this mail.")),
        ),
        Sentence(_l("Join")),
        "/join",
    )


def password_changed(name: str, programme: str) -> Letter:
    """To a member whose password is another one now."""
    return Letter(
        Sentence(_l("Your password for %(programme)s was changed"), {"programme": programme}),
        (
            Sentence(_l("Hello %(name)s,"), {"name": name}),
            Sentence(_l("Your password was changed, and every other browser was signed out.")),
            Sentence(_l("If that was not you, set a new password at once.")),
        ),
        Sentence(_l("Set a new password")),
        "/forgot",
    )


def new_browser(name: str, programme: str, browser: Sentence, address: str, at: str) -> Letter:
    """To a member who signed in from a browser that was not there before; `at` is the moment in their own zone."""
    where = {"browser": browser, "address": address, "at": at}
    return Letter(
        Sentence(_l("A new browser signed in to %(programme)s"), {"programme": programme}),
        (
            Sentence(_l("Hello %(name)s,"), {"name": name}),
            Sentence(_l("You signed in from a browser that we had not seen before:")),
            Sentence(_l("%(browser)s, address %(address)s, %(at)s"), where),
            Sentence(
                _l("If that was you, there is nothing to do. If not, sign it out and set a new password at once.")
            ),
        ),
        Sentence(_l("See where you are signed in")),
        "/profile/security",
    )


def copy_taken(name: str, programme: str) -> Letter:
    """To a member whose data was just downloaded from their own pages."""
    return Letter(
        Sentence(_l("A copy of your data in %(programme)s was downloaded"), {"programme": programme}),
        (
            Sentence(_l("Hello %(name)s,"), {"name": name}),
            Sentence(_l("Someone who is signed in as you, probably you, downloaded everything we keep of you.")),
            Sentence(_l("If that was not you, sign that browser out and set a new password at once.")),
        ),
        Sentence(_l("See where you are signed in")),
        "/profile/security",
    )


def leaving(name: str, programme: str, at: str) -> Letter:
    """To a member who asked to be deleted: when it is done, and how to stay."""
    return Letter(
        Sentence(_l("Your account in %(programme)s will be deleted"), {"programme": programme}),
        (
            Sentence(_l("Hello %(name)s,"), {"name": name}),
            Sentence(_l("You asked us to delete your account. We will do so on %(at)s, for good."), {"at": at}),
            Sentence(_l("Points that you have not used by then are gone. We write to you again the day before.")),
            Sentence(_l("If you change your mind, or did not ask for it, keep your account before then.")),
        ),
        Sentence(_l("Keep my account")),
        "/profile/leaving",
    )


def leaving_tomorrow(name: str, programme: str, at: str) -> Letter:
    """To the same a day before; there is no letter afterwards, because nothing is left that knows the address."""
    return Letter(
        Sentence(_l("Tomorrow your account in %(programme)s will be deleted"), {"programme": programme}),
        (
            Sentence(_l("Hello %(name)s,"), {"name": name}),
            Sentence(_l("As you asked us, your account will be deleted on %(at)s, for good."), {"at": at}),
            Sentence(_l("This is our last mail to you: afterwards we do not know your address any more.")),
            Sentence(_l("Until then you can still keep your account, with everything in it.")),
        ),
        Sentence(_l("Keep my account")),
        "/profile/leaving",
    )


def staying(name: str, programme: str) -> Letter:
    """To a member who thought better of it."""
    return Letter(
        Sentence(_l("Your account in %(programme)s stays"), {"programme": programme}),
        (
            Sentence(_l("Hello %(name)s,"), {"name": name}),
            Sentence(_l("Your account will not be deleted. Everything is as it was.")),
            Sentence(
                _l("If that was not you, set a new password at once, and ask again for your account to be deleted.")
            ),
        ),
        Sentence(_l("Go to my pages")),
        "/home",
    )


def bound(name: str, programme: str, broker: str) -> Letter:
    """To a member whom the broker's site signed in for the first time, by the address that they had confirmed."""
    return Letter(
        Sentence(_l("%(broker)s signs you in to %(programme)s now"), {"broker": broker, "programme": programme}),
        (
            Sentence(_l("Hello %(name)s,"), {"name": name}),
            Sentence(
                _l("You came from the site of %(broker)s, and your account there has the same address as yours here."),
                {"broker": broker},
            ),
            Sentence(
                _l("From now on both belong together. Everything you have here, and your password, stay as they are.")
            ),
            Sentence(_l("If that was not you, set a new password at once, and tell us.")),
        ),
        Sentence(_l("Set a new password")),
        "/forgot",
    )
