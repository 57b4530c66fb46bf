"""What is mailed to people about their membership: sentences and one link, put into words by whoever sends them."""

from dataclasses import dataclass

from app.lib.i18n import Sentence, _l


@dataclass(frozen=True)
class Letter:
    """A mail as sentences; `address` is where its one button leads, within this installation."""

    subject: Sentence
    paragraphs: tuple[Sentence, ...]
    button: Sentence | None = None
    address: str = ""


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
