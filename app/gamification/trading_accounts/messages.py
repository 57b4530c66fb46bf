"""What members are told about their trading accounts: linked, let go, confirmed, declined."""

from collections.abc import Mapping
from typing import Any

from app.gamification.messages.wording import Wording, words_for
from app.gamification.tiers.ladder import Ladder
from app.gamification.trading_accounts.reasons import told
from app.lib.i18n import Sentence, _l, _n

LINKED = "account.linked"  # accounts: how many
UNLINKED = "account.unlinked"
CONFIRMED = "account.confirmed"  # account: its id
DECLINED = "account.declined"  # account, reason

_LINKED = _n(
    "A trading account is linked to you. What it does counts, and what it did before as well.",
    "%(accounts)s trading accounts are linked to you. What they do counts, and what they did before as well.",
    "accounts",
)


@words_for(LINKED)
def linked(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """The broker linked accounts that nobody had asked for."""
    return Wording(Sentence(_LINKED, {"accounts": facts.get("accounts", 1)}), "brand", "accounts")


@words_for(UNLINKED)
def unlinked(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """Staff let an account be nobody's."""
    sentence = Sentence(_l("A trading account is not linked to you any more. What was counted stays yours."))
    return Wording(sentence, "warn", "accounts")


@words_for(CONFIRMED)
def confirmed(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """What was asked for is the member's."""
    sentence = Sentence(_l("The trading account that you asked for is linked. What it did before counts as well."))
    return Wording(sentence, "brand", "accounts")


@words_for(DECLINED)
def declined(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """What was asked for is not linked, and why."""
    sentence = Sentence(
        _l("A trading account that you asked for was not linked. %(reason)s"),
        {"reason": told(facts.get("reason"))},
    )
    return Wording(sentence, "warn", "accounts")
