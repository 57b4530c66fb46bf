"""Every kind of message belongs to a topic, which members know it by."""

import re
from pathlib import Path

import pytest

from app.gamification.messages.reads import WORDS, kinds_of
from app.gamification.messages.topics import ACCOUNT, ANSWERS, MAILED_AT_ONCE, TOPICS, is_in_summaries, topic_of
from tests.house.source import ROOT


@pytest.mark.parametrize("kind", sorted(WORDS))
def test_every_kind_has_a_topic(kind: str):
    assert topic_of(kind) in TOPICS


def test_every_topic_is_spoken_of_and_all_kinds_are_found_by_them():
    for topic in TOPICS:
        assert topic.title and topic.about
    assert kinds_of(TOPICS) == frozenset(WORDS)


def test_no_key_begins_another():
    # The database tells a topic by the beginning of a kind.
    beginnings = [beginning for topic in TOPICS for beginning in topic.beginnings]
    assert len(set(beginnings)) == len(beginnings)
    assert not [one for one in beginnings if not re.fullmatch(r"[a-z]+", one)]


def test_a_topic_has_further_beginnings_only_if_nobody_can_turn_it_off():
    # A choice names the key of a topic alone.
    assert [topic for topic in TOPICS if topic.also and not topic.kept] == []


def test_every_icon_is_drawn():
    drawn = (ROOT / "app/static/icons.svg").read_text(encoding="utf-8")
    assert [topic.icon for topic in TOPICS if f'id="{topic.icon}"' not in drawn] == []


def test_what_is_about_the_account_is_calm_and_nothing_else_is():
    assert [topic for topic in TOPICS if topic.calm] == [ANSWERS, ACCOUNT]
    assert [topic for topic in TOPICS if topic.kept] == [ACCOUNT]


def test_no_summary_repeats_what_had_a_mail_of_its_own():
    assert not is_in_summaries("question.answered")
    assert not [kind for kind in MAILED_AT_ONCE if is_in_summaries(kind)]
    assert is_in_summaries("account.linked") and is_in_summaries("tier.reached")


def test_a_kind_that_belongs_to_none_is_named():
    with pytest.raises(LookupError):
        topic_of("nothing.known")


def test_every_word_is_registered_where_messages_are_read():
    """A module with words that nobody imports would leave its messages unsaid."""
    for path in Path(ROOT, "app/gamification").rglob("messages.py"):
        kinds = re.findall(r'^[A-Z_]+ = "([a-z]+\.[a-z_]+)"', path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        words = "@words_for" in path.read_text(encoding="utf-8")
        assert not words or set(kinds) <= set(WORDS), f"{path}: {sorted(set(kinds) - set(WORDS))}"
