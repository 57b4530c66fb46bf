"""What is mailed to members about the statements that they sent in."""

from app.gamification.members.letters import Letter
from app.lib.i18n import Sentence, _l, _n

_POINTS = _n("%(points)s point is available now.", "%(points)s points are available now.", "points")
_HELD = _n(
    "%(later)s point follows when the hold of its rule is over.",
    "%(later)s points follow when the holds of their rules are over.",
    "later",
)


def approved(name: str, programme: str, import_id: int, points: int, later: int, *, is_quiet: bool = False) -> Letter:
    """To a member whose statement counts; in quiet mode there is no word of what it brings."""
    told = [
        Sentence(_l("Hello %(name)s,"), {"name": name}),
        Sentence(
            _l("We have looked at the statement that you sent us, and approved it. The account is linked to you.")
        ),
    ]
    if points and not is_quiet:
        told.append(Sentence(_POINTS, {"points": points}))
    if later and not is_quiet:
        told.append(Sentence(_HELD, {"later": later}))
    return Letter(
        Sentence(_l("Your statement was approved by %(programme)s"), {"programme": programme}),
        tuple(told),
        Sentence(_l("See the statement") if is_quiet else _l("See what it earned")),
        f"/accounts/imports/{import_id}",
    )


def rejected(name: str, programme: str, import_id: int, reason: Sentence) -> Letter:
    """To a member whose statement does not count, and why."""
    return Letter(
        Sentence(_l("Your statement was not accepted by %(programme)s"), {"programme": programme}),
        (
            Sentence(_l("Hello %(name)s,"), {"name": name}),
            Sentence(_l("We have looked at the statement that you sent us, and could not accept it.")),
            reason,
            Sentence(_l("What it had brought does not count. If you think that this is wrong, ask us.")),
        ),
        Sentence(_l("See the statement")),
        f"/accounts/imports/{import_id}",
    )
