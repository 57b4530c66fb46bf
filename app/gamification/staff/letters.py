"""What is mailed to people about their place at the desk."""

from app.gamification.brand import brand
from app.gamification.members.letters import Letter
from app.gamification.staff.rights import TITLES
from app.lib.i18n import Sentence, _l

_NOT_YOU = _l("If that was not you, tell an owner of the programme at once: they can end your sign-ins.")


def invited(name: str, role: str, token: str) -> Letter:
    """To somebody who is to join the staff; the link is good once."""
    return Letter(
        Sentence(_l("You are invited to the desk of %(programme)s"), {"programme": brand().name}),
        (
            _hello(name),
            Sentence(
                _l("You are invited to run %(programme)s as: %(role)s."),
                {"programme": brand().name, "role": Sentence(TITLES[role])},
            ),
            Sentence(_l("Have your phone with an authenticator app at hand. The link works for three days, once.")),
        ),
        Sentence(_l("Join the desk")),
        f"/admin/invitation?token={token}",
    )


def role_changed(name: str, role: str) -> Letter:
    """To somebody who may do more or less than before."""
    return Letter(
        Sentence(_l("Your role at %(programme)s has changed"), {"programme": brand().name}),
        (
            _hello(name),
            Sentence(_l("Your role is now: %(role)s."), {"role": Sentence(TITLES[role])}),
            Sentence(_l("Your browsers were signed out, so that all of them start with the new role.")),
        ),
        Sentence(_l("Sign in")),
        "/admin/sign-in",
    )


def has_left(name: str) -> Letter:
    """To somebody whose access has ended."""
    return Letter(
        Sentence(_l("Your access to %(programme)s has ended"), {"programme": brand().name}),
        (_hello(name), Sentence(_l("You are no longer on the staff, and your browsers were signed out."))),
    )


def password_changed(name: str) -> Letter:
    """To somebody whose password is another one now."""
    return _about_security(
        name,
        Sentence(_l("Your password for the desk of %(programme)s was changed"), {"programme": brand().name}),
        Sentence(_l("Your password was changed, and every other browser was signed out.")),
    )


def phone_changed(name: str) -> Letter:
    """To somebody whose codes come from another phone now."""
    return _about_security(
        name,
        Sentence(_l("Another phone makes your codes for %(programme)s"), {"programme": brand().name}),
        Sentence(_l("Your authenticator app was set up anew, and every other browser was signed out.")),
    )


def phone_forgotten(name: str) -> Letter:
    """To somebody whose second factor was taken off at the console."""
    return _about_security(
        name,
        Sentence(_l("Your authenticator app for %(programme)s was reset"), {"programme": brand().name}),
        Sentence(_l("At your next sign-in you set up an authenticator app again. Your browsers were signed out.")),
    )


def codes_changed(name: str) -> Letter:
    """To somebody who has new recovery codes."""
    return _about_security(
        name,
        Sentence(_l("New recovery codes for %(programme)s"), {"programme": brand().name}),
        Sentence(_l("You made new recovery codes. The ones before do not work any more.")),
    )


def code_used(name: str, left: int) -> Letter:
    """To somebody who came in with a recovery code."""
    return _about_security(
        name,
        Sentence(_l("A recovery code for %(programme)s was used"), {"programme": brand().name}),
        Sentence(_l("A recovery code was used in place of your phone. Codes left: %(left)s."), {"left": left}),
    )


def _about_security(name: str, subject: Sentence, told: Sentence) -> Letter:
    return Letter(subject, (_hello(name), told, Sentence(_NOT_YOU)), Sentence(_l("Open your own page")), "/admin/me")


def _hello(name: str) -> Sentence:
    return Sentence(_l("Hello %(name)s,"), {"name": name})
