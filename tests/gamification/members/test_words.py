"""The words that staff find a member by."""

import importlib

import pytest
from flask import Flask
from sqlalchemy import select

from app.gamification.members import profile
from app.gamification.members.names import folded_words, words_of
from app.models.base import read_all, transaction
from app.models.people import MemberWord
from tests.support.cast import Person

migration = importlib.import_module("migrations.versions.0002_staff_area")


def words_stored(member: Person) -> set[str]:
    return {row.word for row in read_all(select(MemberWord.word).where(MemberWord.member_id == member.id))}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("José Öztürk", ["jose", "ozturk"]),
        ("O'Brien-Smith", ["o", "brien", "smith"]),
        ("أحمد", ["احمد"]),
        ("STRASSE straße", ["strasse", "strasse"]),
        ("%_' \" --", []),
    ],
)
def test_words_are_compared_without_accents_and_case(said: str, words: list[str]):
    assert folded_words(said) == words


def test_a_chinese_name_is_found_by_the_given_name_too():
    assert words_of("王小明", None, None) == {"王小明", "小明", "明"}


def test_a_member_is_found_by_name_alias_and_address(alice: Person):
    assert words_stored(alice) == {"alice", "amari", "alice@example.com"}
    with transaction():
        profile.save(alice.id, alias="Desert Fox", language="en", theme="auto", up_down="auto", time_zone="Asia/Dubai")
    assert words_stored(alice) == {"alice", "amari", "alice@example.com", "desert", "fox"}


@pytest.mark.parametrize("name", ["José Öztürk", "王小明", "أحمد الرحال", "Ann-Marie O'Neil", "x" * 200, "%"])
def test_the_migration_makes_the_same_words(app: Flask, name: str):
    assert migration.words_of(name, "Fox 7", "A@Example.com") == words_of(name, "Fox 7", "A@Example.com")
