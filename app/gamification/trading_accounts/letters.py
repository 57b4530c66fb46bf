"""What is mailed to members about the trading accounts that they asked for."""

from app.gamification.members.letters import Letter
from app.gamification.trading_accounts.names import Names
from app.lib.i18n import Sentence, _l

_PAGE = "/accounts"


def confirmed(name: str, programme: str, names: Names) -> Letter:
    """To a member whose account is linked."""
    return Letter(
        Sentence(_l("Your trading account is linked to %(programme)s"), {"programme": programme}),
        (
            Sentence(_l("Hello %(name)s,"), {"name": name}),
            Sentence(
                _l("The account %(login)s on %(server)s is linked to you. What it did before counts as well."),
                {"login": names.login, "server": names.server},
            ),
            Sentence(_l("If you did not ask for this, tell us at once.")),
        ),
        Sentence(_l("See my accounts")),
        _PAGE,
    )


def declined(name: str, programme: str, names: Names, reason: Sentence) -> Letter:
    """To a member whose account was not linked, and why."""
    return Letter(
        Sentence(_l("Your trading account was not linked to %(programme)s"), {"programme": programme}),
        (
            Sentence(_l("Hello %(name)s,"), {"name": name}),
            Sentence(
                _l("You asked for the account %(login)s on %(server)s. It was not linked."),
                {"login": names.login, "server": names.server},
            ),
            reason,
        ),
        Sentence(_l("See my accounts")),
        _PAGE,
    )
