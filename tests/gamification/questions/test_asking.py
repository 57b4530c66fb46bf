"""Questions as the domain keeps them: whose they are, how many, one thread a decision, and nothing twice."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.gamification.errors import NotFound
from app.gamification.errors.members import MemberErased
from app.gamification.errors.questions import (
    NothingWritten,
    QuestionNotFound,
    StaleQuestion,
    TextTooLong,
    TooManyQuestions,
    TooMuchWritten,
    UnknownTopic,
    WrittenMeanwhile,
)
from app.gamification.errors.staff import NotEntitled
from app.gamification.members import erasure
from app.gamification.questions import answering, asking, queue, reads
from app.gamification.questions.asking import MOST_A_DAY, MOST_WAITING
from app.gamification.questions.words import LONGEST, clean_text
from app.lib import clock
from app.models.base import read_all, transaction
from app.models.messages import Message
from app.models.questions import QuestionEntry
from tests.support.cast import Person, mails, make_member
from tests.support.desk import acts
from tests.support.play import play, trade, wallet
from tests.support.together import together

TOKEN = "0123456789abcdef0123456789abcdef"
MINUTE = timedelta(minutes=1)


def ask(member: Person, text: str = "Why so few?", token: str = "", **about: object) -> int:
    with transaction():
        return asking.ask(member.id, text, token, now=clock.now(), **about)  # type: ignore[arg-type]


def write(member: Person, question_id: int, text: str = "And more.", token: str = "") -> int:
    with transaction():
        return asking.write(member.id, question_id, text, token, now=clock.now())


def answer(
    by: Person, question_id: int, text: str = "Because.", *, seen: int = 1, token: str = "", close: bool = False
):
    with transaction():
        return answering.answer(by.id, question_id, text, token, seen, close=close, now=clock.now())


def close(by: Person, question_id: int, seen: int = 1):
    with transaction():
        return answering.close(by.id, question_id, seen, now=clock.now())


def texts(question_id: int) -> list[str]:
    return [entry.body for entry in reads.anyones(question_id).entries]


def state(question_id: int) -> str:
    return reads.anyones(question_id).state


def mailed(member: Person) -> list[Any]:
    return [mail for mail in mails() if mail.member_id == member.id]


def told(member: Person) -> list[str]:
    return list(read_all(select(Message.kind).where(Message.member_id == member.id).order_by(Message.id)))


# --- what is written --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  one  \r\n\r\n\r\n\r\n two ", "one\n\ntwo"),
        ("safe \u202egnp.exe\u202c \u2066x\u2069", "safe gnp.exe x"),
        ("bell\x07 and \x1b[31mred", "bell and [31mred"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d💻 works", "👩\u200d💻 works"),
        ("a\u2028b\x85c", "a\nb\nc"),
        ("<b>bold</b> & 'it'", "<b>bold</b> & 'it'"),
        ("e\u0301", "é"),
    ],
)
def test_what_is_typed_is_kept_as_it_is_seen(typed: str, kept: str):
    assert clean_text(typed) == kept


@pytest.mark.parametrize("typed", ["", " \n\t ", "\u200d\u200c", "\u202e\u2066", "\ufeff", "\ud800"])
def test_what_cannot_be_seen_is_nothing(typed: str):
    with pytest.raises(NothingWritten):
        clean_text(typed)


def test_four_thousand_characters_are_enough():
    assert len(clean_text("x" * LONGEST)) == LONGEST
    with pytest.raises(TextTooLong) as refused:
        clean_text("好" * 10_000)
    assert refused.value.sentence.values == {"longest": LONGEST, "length": 10_000}


# --- whose it is ------------------------------------------------------------------------------------------------------


def test_a_line_is_asked_about_in_one_thread_that_goes_on(alice: Person, mia: Person):
    play(alice.id, trade())
    first = ask(alice, "Why so few?", line=1)
    assert ask(alice, "I mean the bonus.", line=1) == first
    answer(mia, first, seen=2, close=True)
    assert state(first) == "closed"
    assert ask(alice, "Not clear to me.", line=1) == first
    assert state(first) == "open" and texts(first) == [
        "Why so few?",
        "I mean the bonus.",
        "Because.",
        "Not clear to me.",
    ]
    assert reads.about(alice.id, 1, None) == first


def test_a_decision_without_points_is_asked_about_too(alice: Person):
    play(alice.id, trade(seconds=5))
    first = ask(alice, miss=1)
    assert (reads.anyones(first).miss, reads.anyones(first).line, reads.anyones(first).topic) == (1, None, "points")
    assert ask(alice, "Still not.", miss=1) == first


def test_what_is_not_there_cannot_be_asked_about(alice: Person, bob: Person):
    play(alice.id, trade())
    others = wallet(alice.id).seq
    assert others > wallet(bob.id).seq
    for about in ({"line": others}, {"line": 2**31 - 1}, {"miss": 99}, {"line": 0}):
        with pytest.raises(NotFound):
            ask(bob, **about)
    # What did earn is a line, and no miss.
    with pytest.raises(NotFound):
        ask(alice, miss=1)


def test_nobody_writes_or_reads_in_anothers_thread(alice: Person, bob: Person):
    own = ask(alice)
    with pytest.raises(QuestionNotFound):
        write(bob, own)
    with pytest.raises(QuestionNotFound):
        reads.own(bob.id, own)
    assert reads.of_member(bob.id) == ((), None) and len(texts(own)) == 1


def test_anothers_token_is_worth_nothing(alice: Person, bob: Person, mia: Person):
    own = ask(alice, token=TOKEN)
    other = ask(bob, "Mine.", token=TOKEN)
    assert other != own and texts(other) == ["Mine."]
    answer(mia, own, token=TOKEN)
    assert texts(own) == ["Why so few?", "Because."]


def test_a_topic_that_does_not_exist_is_refused(alice: Person):
    with pytest.raises(UnknownTopic):
        ask(alice, topic="bonus")


# --- nothing twice ----------------------------------------------------------------------------------------------------


def test_a_form_sent_twice_writes_once(alice: Person, mia: Person):
    first = ask(alice, token=TOKEN)
    assert ask(alice, token=TOKEN) == first and write(alice, first, token=TOKEN) == first
    for _ in range(2):
        answer(mia, first, token=TOKEN)
    assert texts(first) == ["Why so few?", "Because."]
    assert (state(first), reads.anyones(first).replies) == ("answered", 2)
    assert len(told(alice)) == len(mailed(alice)) == 1 and acts().count("question.answer") == 1


def test_eight_forms_at_once_make_one_thread_about_a_line(app: Flask, alice: Person):
    play(alice.id, trade())

    def once() -> int:
        return ask(alice, token=TOKEN, line=1)

    made = together(app, [once] * 4 + [lambda: ask(alice, "Another.", line=1)] * 4)
    assert len(set(made)) == 1, made
    assert sorted(texts(int(made[0]))) == ["Another."] * 4 + ["Why so few?"]  # type: ignore[arg-type]
    assert reads.anyones(int(made[0])).replies == 5  # type: ignore[arg-type]


def test_of_two_who_answer_at_once_one_has_to_read_first(app: Flask, alice: Person, mia: Person, omar: Person):
    first = ask(alice)
    made = together(app, [lambda: answer(mia, first, "From Mia."), lambda: answer(omar, first, "From Omar.")])
    assert sorted(type(one).__name__ for one in made) == ["NoneType", "WrittenMeanwhile"]
    assert len(texts(first)) == 2 and len(told(alice)) == 1


def test_who_has_not_read_what_the_member_added_does_not_answer_it(alice: Person, mia: Person):
    first = ask(alice)
    write(alice, first)
    for act in (answer, close):
        with pytest.raises(WrittenMeanwhile):
            act(mia, first, seen=1)
    answer(mia, first, seen=2)
    assert state(first) == "answered"


# --- how many ---------------------------------------------------------------------------------------------------------


def test_ten_questions_may_wait(alice: Person, mia: Person):
    asked = [ask(alice, f"Question {number}") for number in range(MOST_WAITING)]
    with pytest.raises(TooManyQuestions):
        ask(alice)
    write(alice, asked[0], "More in one that waits.")
    answer(mia, asked[1])
    ask(alice, "There is room again.")
    with pytest.raises(TooManyQuestions):
        write(alice, asked[1], "This would wait again.")


def test_forty_times_a_day_may_be_written(alice: Person, bob: Person):
    first = ask(alice)
    for number in range(MOST_A_DAY - 1):
        write(alice, first, f"More {number}")
    with pytest.raises(TooMuchWritten):
        write(alice, first)
    ask(bob, "Nobody else is kept from asking.")
    with transaction():
        tomorrow = clock.now() + timedelta(days=1, minutes=1)
        asking.write(alice.id, first, "Next day.", "", now=tomorrow)


# --- staff ------------------------------------------------------------------------------------------------------------


def test_an_answer_is_told_and_written_down_without_its_words(alice: Person, mia: Person):
    first = ask(alice)
    answer(mia, first)
    (mail,) = mailed(alice)
    assert mail.recipient == alice.email and "Because." not in mail.body
    assert [row.kind for row in told(alice)] == ["question.answered"]
    assert acts()[-1] == "question.answer" and state(first) == "answered"


def test_an_address_that_nobody_confirmed_gets_no_mail(charlie: Person, mia: Person):
    answer(mia, ask(charlie))
    assert [row.kind for row in told(charlie)] == ["question.answered"] and mailed(charlie) == []


def test_closing_tells_only_who_still_waits(alice: Person, mia: Person):
    first, second = ask(alice), ask(alice, "Another")
    close(mia, first)
    answer(mia, second)
    close(mia, second, seen=2)
    assert len(mailed(alice)) == 2
    assert [row.kind for row in told(alice)] == ["question.closed", "question.answered"]
    with pytest.raises(StaleQuestion):
        close(mia, first)
    write(alice, first)
    assert state(first) == "open"


def test_who_may_only_read_answers_nothing(alice: Person, vera: Person):
    first = ask(alice)
    for act in (answer, close):
        with pytest.raises(NotEntitled):
            act(vera, first)
    assert state(first) == "open"


def test_nobody_writes_to_a_member_who_was_erased(alice: Person, mia: Person, dana: Person):
    first = ask(alice)
    with transaction():
        erasure.erase(dana.id, alice.id, now=clock.now())
    for act in (lambda: answer(mia, first), lambda: close(mia, first), lambda: write(alice, first)):
        with pytest.raises(MemberErased):
            act()
    with pytest.raises(QuestionNotFound):
        answer(mia, 999)


# --- lists ------------------------------------------------------------------------------------------------------------


def test_who_waits_longest_stands_first_however_often_they_write(alice: Person, bob: Person):
    early = clock.now()
    with transaction():
        first = asking.ask(alice.id, "First", "", topic="tier", now=early)
    with transaction():
        second = asking.ask(bob.id, "Second", "", topic="account", now=early + MINUTE)
    with transaction():
        asking.write(alice.id, first, "Hello?", "", now=early + 5 * MINUTE)
    found, after = queue.page("open")
    assert [one.id for one in found] == [first, second] and after == ""
    assert [one.id for one in queue.page("open", "account")[0]] == [second]
    assert queue.page("answered")[0] == ()


def test_questions_are_found_by_member_number_and_words(alice: Person, bob: Person):
    first, second = ask(alice, "Wo bleibt mein BONUS? 100%"), ask(bob, "متى أحصل على نقاطي؟")
    for typed, found in {
        "alice": [first],
        "Bakkar": [second],
        f"#{bob.id}": [second],
        "bonus": [first],
        "100%": [first],
        "نقاطي": [second],
        "nothing like it": [],
        "_": [],
        "%": [first],
        "5012345": [first],
    }.items():
        assert [one.id for one in queue.page("all", "", typed)[0] if one.id in found or not found] == found, typed


def test_a_hundred_threads_come_in_pages(app: Flask, mia: Person):
    members = [make_member(f"m{number}@example.com", "Max Many") for number in range(10)]
    made = [ask(member, f"Question {number}") for member in members for number in range(10)]
    seen: list[int] = []
    after = "start"
    while after:
        found, after = queue.page("open", after=after)
        seen += [one.id for one in found]
    assert seen == made
    for hostile in ("-", "9" * 30 + "-1", "1-" + "9" * 30, "x-1", "-1-5", "1" * 17 + "-1"):
        queue.page("open", after=hostile)


def test_a_long_thread_shows_its_end_first(alice: Person, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(asking, "MOST_A_DAY", 1000)
    first = ask(alice, "0")
    for number in range(1, reads.SHOWN + 5):
        write(alice, first, str(number))
    found = reads.own(alice.id, first)
    assert [entry.body for entry in found.entries] == [str(number) for number in range(5, reads.SHOWN + 5)]
    earlier = reads.own(alice.id, first, found.older)
    assert [entry.body for entry in earlier.entries] == ["0", "1", "2", "3", "4"] and earlier.older is None


def test_entries_are_their_writers(alice: Person, mia: Person):
    first = ask(alice)
    answer(mia, first)
    assert [row.staff_id for row in read_all(select(QuestionEntry.staff_id).order_by(QuestionEntry.id))] == [
        None,
        mia.id,
    ]
    assert [entry.staff for entry in reads.own(alice.id, first).entries] == [None, "Mia Moreau"]
