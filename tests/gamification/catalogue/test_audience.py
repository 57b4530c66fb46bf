"""How many members an audience holds: by every way in which it narrows, and without counting a whole programme."""

from typing import Any

import pytest
from sqlalchemy import text

from app.gamification import programme
from app.gamification.accrual.definition import Audience
from app.gamification.catalogue import audience
from app.gamification.catalogue.audience import size_of
from app.gamification.challenges import readiness
from app.gamification.challenges.definition import read_definition
from app.lib import clock
from app.models.base import transaction
from app.models.people import ClientClass
from tests.support.cast import Person, make_member
from tests.support.playing import JOURNAL
from tests.support.queries import counted


def stand(person: Person, key: str) -> None:
    """Let somebody stand on a level."""
    level = next(level for level in programme.current().ladder.levels if level.key == key)
    with transaction() as conn:
        conn.execute(text("UPDATE wallet SET level_id = :level WHERE id = :id"), {"level": level.id, "id": person.id})


@pytest.fixture
def keys(alice: Person, bob: Person, charlie: Person) -> list[str]:
    """Alice, a professional in the Emirates, stands on the second level; Bob and Charlie on the first."""
    first, second, *rest = [level.key for level in programme.current().ladder.levels]
    stand(alice, second)
    return [first, second, *rest]


def size(**narrowed: Any) -> int:
    found = size_of(Audience(**narrowed), programme.current())
    assert not found.is_more
    return found.members


def test_levels_countries_and_classes_narrow_together(keys: list[str]):
    first, second, third, *_ = keys
    assert size() == 3
    assert (size(levels=[first]), size(levels=[second]), size(levels=[third])) == (2, 1, 0)
    assert size(levels=[first, second]) == 3
    assert size(levels=[second], countries=["AE"]) == 1
    assert size(levels=[second], countries=["CY"]) == 0
    assert size(levels=[first], countries=["CY"], classes=[int(ClientClass.RETAIL)]) == 1
    assert size(levels=[first], classes=[int(ClientClass.PROFESSIONAL)]) == 0
    assert size(countries=["CY"]) == 1


def test_who_was_erased_is_nobody(keys: list[str], bob: Person):
    with transaction() as conn:
        conn.execute(text("UPDATE member SET erased_at = 1 WHERE id = :id"), {"id": bob.id})
    assert size(levels=keys[:1]) == 1 == size(countries=["CY", ""])


def test_a_level_that_is_gone_means_the_one_that_stands_in_for_it(keys: list[str]):
    somebody = make_member("eve@example.com", "Eve Eden")
    with transaction() as conn:
        conn.execute(text("UPDATE wallet SET level_id = 999 WHERE id = :id"), {"id": somebody.id})
    assert size(levels=keys[:1]) == 3


def test_nobody_is_looked_at_beyond_what_staff_ask(keys: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(audience, "MOST_COUNTED", 1)
    everybody, one = Audience(levels=keys[:1]), Audience(levels=keys[1:2])
    with counted() as asked:
        assert size_of(everybody, programme.current()) == (1, True)
        assert size_of(one, programme.current()) == (1, False)
    assert all("LIMIT" in statement for statement in asked if "wallet" in statement)
    plain = {"name": {"en": "Steady"}, "steps": [JOURNAL], "audience": {"levels": keys[:1]}}
    items = readiness.advised(read_definition(plain), programme.current(), clock.now())
    assert "more than %(number)s members" in [one.note.msgid for one in items if one.note]


@pytest.mark.parametrize(("place", "state", "note"), [(1, "done", "%(number)s member"), (2, "advice", "nobody yet")])
def test_a_challenge_for_a_level_on_which_nobody_stands_is_advised_against(
    keys: list[str], place: int, state: str, note: str
):
    plain = {"name": {"en": "Steady"}, "steps": [JOURNAL], "audience": {"levels": [keys[place]]}}
    items = readiness.advised(read_definition(plain), programme.current(), clock.now())
    [found] = [one for one in items if one.words.msgid == "There is somebody whom it is for"]
    assert found.state == state
    assert found.note is not None and note in str(found.note.msgid)
