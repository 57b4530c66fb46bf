"""What is stored of an entry: plain text that shows what it is, or a kind refusal."""

import pytest

from app.gamification.errors.habits import EntryTooLong, EntryTooShort, KeepTooLong, NoSuchMood
from app.gamification.journal.words import LONGEST, Note

BODY = "I waited for the level I had marked."


def test_lines_stay_and_what_nobody_sees_goes():
    written = Note(
        "  First\u202eline\x00\u2067 \r\n\r\n\r\n\r\nsecond\u200b line, longer \x1b[31mthan that  \n\n", 4, "keep\nit "
    ).cleaned()
    assert written == Note("Firstline\n\nsecond line, longer [31mthan that", 4, "keep it")


def test_arabic_chinese_and_pictures_stay_as_they_are():
    arabic = "انتظرت المستوى الذي حددته قبل الجلسة 👨‍👩‍👧"
    assert Note(arabic).cleaned().body == arabic
    assert Note("等到我标记的价位才入场，没有追高，心里很平静。").cleaned().body.startswith("等到")


@pytest.mark.parametrize("body", ["", "short", "\u200d" * 500, " \n" * 5000, "\u202e" * 100, "x" * 19, "\x00" * 10**6])
def test_too_little_is_refused_kindly(body: str):
    with pytest.raises(EntryTooShort) as refused:
        Note(body).cleaned()
    assert refused.value.field == "body" and "20 characters" in str(refused.value)


def test_too_much_is_refused_with_what_it_was():
    with pytest.raises(EntryTooLong, match=r"4000.*1000000"):
        Note("x" * 10**6).cleaned()
    assert len(Note("x" * LONGEST).cleaned().body) == LONGEST
    with pytest.raises(KeepTooLong):
        Note(BODY, 0, "y" * 301).cleaned()


def test_a_letter_with_a_million_marks_takes_no_minute():
    assert len(Note(BODY + "e" + "\u0301" * 10**6).cleaned().body) < 100


@pytest.mark.parametrize("mood", [-1, 6, 99])
def test_there_are_five_moods(mood: int):
    with pytest.raises(NoSuchMood):
        Note(BODY, mood).cleaned()
    assert Note(BODY).cleaned().mood == 0
