"""The badges that a programme starts with: sound, in three languages, and enough of them for members of every law."""

import pytest

from app.gamification.activities import BY_KEY, PaysFor
from app.gamification.badges import starting
from app.gamification.badges.compiled import compile_badge
from app.gamification.badges.definition import sound
from app.gamification.challenges.starting import STARTING as CHALLENGES
from tests.house.test_css import drawn

FORBIDDEN = {PaysFor.TRADING, PaysFor.DEPOSIT}


@pytest.mark.parametrize("key", starting.STARTING)
def test_it_is_sound_named_in_every_language_and_drawn(key: str):
    said = sound(starting.STARTING[key])
    assert set(said["name"]) == set(said["about"]) == {"en", "ar", "zh"}
    assert said["icon"] in drawn()
    assert sum(said["points"]) <= 200


def test_most_are_open_to_members_whom_the_law_allows_nothing_for_trades():
    made = [
        compile_badge(n, key, n, 1, plain, lambda kind: BY_KEY[kind].pays_for)
        for n, (key, plain) in enumerate(starting.STARTING.items())
    ]
    strict = [badge for badge in made if not badge.facts & FORBIDDEN]
    assert len(made) >= 20 and len(strict) > len(made) / 2
    assert {badge.definition.group for badge in strict} == {"discipline", "learning", "people"}
    # Points are for what no law forbids: a badge for trades is recognition.
    assert all(not any(badge.definition.points) for badge in made if badge.facts & FORBIDDEN)
    assert sum(badge.definition.hidden for badge in made) == 2
    assert any(badge.definition.temporary for badge in made)


def test_every_badge_that_challenges_give_is_there():
    given = {plain["reward"]["badge"] for plain in CHALLENGES.values() if plain["reward"].get("badge")}
    kinds = {key: plain["criterion"]["kind"] for key, plain in starting.STARTING.items()}
    assert {kinds.get(key) for key in given} <= {"given"}
    assert {key for key, kind in kinds.items() if kind == "given"} == {"process", "first_steps"}


def test_a_programme_that_pays_nothing_or_rewards_no_trades_starts_with_less():
    assert not any("points" in plain for plain in starting.starting(pays=False, for_trading=True).values())
    assert not starting.starting(pays=True, for_trading=False).keys() & set(starting.OF_TRADING)
