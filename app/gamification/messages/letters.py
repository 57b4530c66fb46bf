"""The mail that sums up what is new."""

from app.gamification.members.letters import Letter, Line
from app.gamification.messages.choices import DAILY, WEEKLY
from app.lib.i18n import Sentence, _l, _n

_SUBJECTS = {DAILY: _l("New for you in %(programme)s"), WEEKLY: _l("Your week in %(programme)s")}
_WHY = {
    DAILY: _l("You get this summary on days with something new."),
    WEEKLY: _l("You get this summary on Mondays, when there is something new."),
}
_MORE = _n("And %(more)s more message in your inbox.", "And %(more)s more messages in your inbox.", "more")


def digest(
    name: str,
    programme: str,
    rhythm: str,
    lines: tuple[Line, ...],
    more: int,
    *,
    zone: str,
    unsubscribe: str,
    risk: Sentence,
) -> Letter:
    """To a member who wants to hear once a day, or once a week, what is new."""
    return Letter(
        Sentence(_SUBJECTS[rhythm], {"programme": programme}),
        (
            Sentence(_l("Hello %(name)s,"), {"name": name}),
            Sentence(_l("Here is what is new for you. You have not read it in your pages yet.")),
        ),
        Sentence(_l("See all your messages")),
        "/messages",
        lines=lines,
        more=Sentence(_MORE, {"more": more}) if more else None,
        zone=zone,
        unsubscribe=unsubscribe,
        why=Sentence(_WHY[rhythm]),
        foot=risk,
    )
