"""Lines by challenges and badges: what they are called, why they came, why they went again, and how they are found."""

from datetime import timedelta

import pytest
from flask import Flask

from app.gamification.activities import LessonPassed
from app.gamification.ledger import lapsing
from app.gamification.ledger.evidence import line_rows
from app.gamification.ledger.explain import explain_line, in_words
from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.search import search
from app.models.people import ClientClass
from tests.gamification.ledger.reading import english, lines_of, owner, told
from tests.support.play import NOON, Said, play, trade, trader
from tests.support.playing import JOURNAL, LESSONS, LOTS, badge, challenge, claim, join
from tests.support.queries import counted

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ONE = {**LESSONS, "settings": {"target": 1}}


def passed(member: int, key: str = "costs", minutes: int = 5) -> Said:
    said = Said(LessonPassed(key, 90), "lesson.passed", at=NOON + minutes * MINUTE)
    play(member, said)
    return said


def newest(member: int) -> tuple[str, list[str]]:
    """Title and sentences of the newest line."""
    line = lines_of(member)[0]
    return english(line.title), [english(one) for one in explain_line(owner(member), line.seq).sentences]


def test_a_claimed_challenge_is_named_with_its_revision_and_its_day(app: Flask):
    member = trader()
    one = challenge("first", ONE, reward={"points": 60}, name={"en": "Three first lessons", "ar": "ثلاثة دروس"})
    challenge("first", ONE, reward={"points": 60}, name={"en": "Three first lessons"})
    join(member, one)
    passed(member)
    claim(member, one, NOON + DAY)
    title, said = newest(member)
    assert title == "Challenge completed: Three first lessons"
    assert said == [
        "You completed the challenge “Three first lessons”, revision 2, on 4 Mar.",
        "You claimed its reward on 5 Mar 12:00.",
    ]
    line = lines_of(member)[0]
    why = explain_line(owner(member), line.seq)
    (link,) = why.related
    assert (english(link.words), link.view, link.values) == (
        "See the challenge",
        "challenges.one",
        {"challenge_id": one, "run": 0},
    )
    assert why.proof is not None
    assert why.proof.holds
    assert [english(step.title) for step in why.life] == ["Earned", "Available", "Lapse"]
    assert line.sort == "challenge"


def test_one_that_pays_by_itself_and_comes_again_says_which_run_it_was(app: Flask):
    member = trader()
    one = challenge("daily", {**JOURNAL, "settings": {"target": 1}}, claim=False, recurrence="completion",
                    reward={"points": 5})  # fmt: skip
    for n in range(2):
        join(member, one, NOON + n * DAY)
        play(member, Said(kind="journal.written", at=NOON + n * DAY + MINUTE))
    _, said = newest(member)
    assert said == [
        "You completed the challenge “Daily”, revision 1, on 5 Mar.",
        "It was your run number 2.",
    ]


def test_points_that_buy_service_alone_say_so(app: Flask):
    member = trader("CY", ClientClass.RETAIL, "eu")
    one = challenge("first", ONE, claim=False, reward={"points": 60})
    join(member, one)
    passed(member)
    _, said = newest(member)
    assert said[-1] == "By the rules of your client category these points buy recognition and service."


def test_a_badge_is_named_with_its_level(app: Flask):
    member = trader()
    single, many = badge("reader", ONE, "1", points=[20]), badge("volume", LOTS, "1", "5", points=[10, 30])
    passed(member)
    title, said = newest(member)
    assert title == "Badge: Reader"
    assert said == [
        "You earned the badge “Reader” on 4 Mar.",
        "Points by badges are for spending and move no level.",
    ]
    play(member, Said(trade(lots="5.00", at=NOON + 9 * MINUTE), at=NOON + 9 * MINUTE))
    title, said = newest(member)
    assert title == "Badge: Volume, Silver level"
    assert said[0] == "You reached Silver level of the badge “Volume” on 4 Mar."
    assert explain_line(owner(member), lines_of(member)[0].seq).related[0].values == {"key": "volume"}
    assert single != many


def test_what_was_taken_back_says_what_it_had_been(app: Flask):
    member = trader()
    one = challenge("lots", LOTS, claim=False, reward={"points": 250})
    badge("volume", LOTS, "3", points=[40])
    join(member, one)
    said = Said(trade(lots="3.00", at=NOON + MINUTE), at=NOON + MINUTE)
    play(member, said)
    play(member, Said(busts=said.id, at=said.at), now=NOON + DAY)
    lines = {english(line.under): line for line in lines_of(member) if line.sort == "reversal"}
    by_challenge, by_badge = lines["Lots, 4 Mar"], lines["Volume, 4 Mar"]
    for line in (by_challenge, by_badge):
        assert english(line.title) == "Taken back: what counted was cancelled or corrected"
    why = explain_line(owner(member), by_challenge.seq)
    assert english(why.sentences[0]).startswith(
        "Something that had counted for Lots was cancelled or corrected on 5 Mar 12:00. Without it the challenge is not"
    )
    assert [english(one.words) for one in why.related] == ["What had brought these points", "See the challenge"]
    why = explain_line(owner(member), by_badge.seq)
    assert "Something that had counted for the badge Volume" in english(why.sentences[0])
    done = next(line for line in lines_of(member) if line.sort == "challenge")
    assert done.undone
    assert english(explain_line(owner(member), done.seq).sentences[0]) == (
        "You completed the challenge “Lots”, revision 1."
    )


def test_what_lapses_says_what_it_was(app: Flask):
    member = trader()
    expiry = {"mode": "days", "n": 1}
    one = challenge("first", ONE, claim=False, reward={"points": 60, "expiry": expiry})
    join(member, one)
    passed(member)
    lapsing.expire_due(NOON + 9 * DAY)
    lapsed = next(line for line in lines_of(member) if line.sort == "expiry")
    assert english(lapsed.under) == "First, 4 Mar"


def test_points_are_found_by_the_name_of_challenge_or_badge(app: Flask):
    member = trader()
    one = challenge("first", ONE, claim=False, reward={"points": 60}, name={"en": "Steps", "zh": "最初三课"})
    badge("reader", ONE, "1", points=[20])
    join(member, one)
    passed(member)

    def found(words: str, language: str = "en") -> list[str]:
        asked = search(words, 0, 0, language, str)
        return [english(line.title) for line in lines_of(member, search=asked)]

    assert found("steps") == ["Challenge completed: Steps"]
    assert found("三课", "zh") == ["Challenge completed: Steps"]
    assert found("READER") == ["Badge: Reader"]
    assert found("nothing of it") == []
    assert len(told(member)) > 2


def test_lines_of_many_are_told_without_a_statement_each(app: Flask):
    member = trader()
    for n in range(6):
        one = challenge(f"one{n}", ONE, claim=False, reward={"points": 5 + n})
        join(member, one)
    passed(member)
    me = owner(member)
    app.extensions["laurel_kept"].pop("compiled", None)  # read in the second before they were published
    compiled()
    with counted() as asked:
        rows = line_rows(me, 1, 100)
        said = [english(one) for row in rows for one in in_words(row, "en")]
    assert len(asked) == 1
    assert sum("You completed the challenge" in one for one in said) == 6


@pytest.mark.parametrize("code", ["ar", "zh"])
def test_names_are_said_in_the_readers_language(app: Flask, code: str):
    member = trader()
    one = challenge("first", ONE, claim=False, reward={"points": 60}, name={"en": "First", "ar": "أول", "zh": "最初"})
    join(member, one)
    passed(member)
    (line,) = (line for line in lines_of(member) if line.sort == "challenge")
    assert line.title.values["challenge"][code] in ("أول", "最初")
