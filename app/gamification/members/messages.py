"""What members are told about their own membership, in their pages."""

from collections.abc import Mapping
from typing import Any

from app.gamification.messages.wording import Wording, words_for
from app.gamification.tiers.ladder import Ladder
from app.lib.clock import from_micros
from app.lib.i18n import Sentence, _l

TOMORROW = "member.leaving_tomorrow"  # at (microseconds)


@words_for(TOMORROW)
def leaving_tomorrow(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """The last call before the account is deleted."""
    sentence = Sentence(
        _l("As you asked us, your account will be deleted on %(at)s. You can keep it until then."),
        {"at": from_micros(facts["at"])},
    )
    return Wording(sentence, "warn", "leaving")
