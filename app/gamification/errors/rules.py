"""What is wrong with a rule."""

from typing import Any

from app.gamification.errors import Conflict, NotFound, Refusal
from app.lib.i18n import Sentence, _l


class BadRule(Refusal, ValueError):
    """A rule says something that no rule can mean; `place` is the way to it: ("conditions", 0, 1, "value")."""

    def __init__(self, place: tuple[Any, ...], told: str, msgid: str, *, at: str = "", **values: Any) -> None:
        super().__init__()
        self.place, self.sentence = place, Sentence(msgid, values)
        where = at or ".".join(map(str, place))
        # For logs and consoles, where it names keys instead of words.
        self.args = (f"{where}: {told}" if where else told,)


class RuleNotFound(NotFound):
    msgid = _l("There is no such rule.")


class BadRuleName(Refusal):
    msgid = _l("Name the rule in English, with a letter and at most %(longest)s characters.")
    field = "name"


class TooManyRows(Refusal):
    """More than the form would ever draw: nobody has typed them."""

    msgid = _l("A rule has at most %(groups)s groups of %(rows)s conditions, %(rates)s rates and %(factors)s factors.")


class NotReady(Refusal):
    """Something that must be done before a rule can run; `todo` says what."""

    msgid = _l("Before it can run: %(todo)s.")


class RevisionChanged(Conflict):
    msgid = _l("Revision %(number)s was published after this was begun. Throw the draft away and begin anew.")


class StartsInThePast(Refusal):
    msgid = _l("Choose a day from tomorrow on, or leave it empty: it then begins once it is approved.")
    field = "starts"


class EndsBeforeItStarts(Refusal):
    msgid = _l("Choose a last day that is not before the first.")
    field = "ends"


class ScheduledAlready(Conflict):
    msgid = _l("Revision %(number)s is to begin on %(day)s. Begin on that day or before, and this takes its place.")
    field = "starts"


class NothingToRetire(Conflict):
    msgid = _l("No revision of this rule is in force after that.")
