"""The hub told by hand: what it reads and what time it is are the test's, and its thread never gets to look."""

import threading
from collections.abc import Collection, Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.gamification.live import hub as live
from app.gamification.live.hub import LONGEST, MOST_OF_ONE, Hub, Stream, Word
from app.gamification.live.marks import Marks

START = Marks(seq=5, decisions=9, level=1, qualifying=120, joined=2, unread=0, newest=40, programme=7)
EARNED = START._replace(seq=6, decisions=10)


class Scene:
    """A database, a clock and a server that do what a test says."""

    def __init__(self) -> None:
        self.rows: dict[bytes, Marks] = {}
        self.seconds = 0.0
        self.is_ending = False
        self.gone: set[bytes] = set()
        self.asked: list[set[bytes]] = []
        self.failure: Exception | None = None
        self.hub = Hub(self.read, 4, is_ending=lambda: self.is_ending, tell_time=lambda: self.seconds)

    def read(self, sign_ins: Collection[bytes]) -> dict[bytes, Marks]:
        self.asked.append(set(sign_ins))
        if self.failure:
            raise self.failure
        return {one: self.rows[one] for one in sign_ins if one in self.rows}

    def open(self, sign_in: bytes = b"a", member: int = 1) -> Stream | None:
        self.rows.setdefault(sign_in, START)
        return self.hub.open(sign_in, member, self.rows[sign_in], lambda: sign_in in self.gone)

    def opened(self, sign_in: bytes = b"a", member: int = 1) -> Stream:
        """A stream whose beginning was sent."""
        stream = self.open(sign_in, member)
        assert stream is not None
        assert stream.next(0) == self.rows[sign_in]
        return stream


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(threading.Thread, "start", lambda self: None)
    yield Scene()


def test_a_stream_begins_with_how_things_stand(scene: Scene):
    stream = scene.open()
    assert stream is not None
    assert stream.next(0) == START
    assert stream.next(0) is Word.STILL


def test_what_changed_is_told_once(scene: Scene):
    stream = scene.opened()
    scene.hub.look()
    assert stream.next(0) is Word.STILL
    scene.rows[b"a"] = EARNED
    scene.hub.look()
    scene.hub.look()
    assert stream.next(0) == EARNED
    assert stream.next(0) is Word.STILL


def test_who_was_slow_hears_the_newest_alone(scene: Scene):
    stream = scene.opened()
    for seq in (6, 7, 8):
        scene.rows[b"a"] = START._replace(seq=seq)
        scene.hub.look()
    assert stream.next(0) == START._replace(seq=8)
    assert stream.next(0) is Word.STILL


def test_everybody_is_asked_about_in_one_question(scene: Scene):
    streams = [scene.opened(sign_in, member) for member, sign_in in enumerate((b"a", b"b", b"c"))]
    scene.rows[b"b"] = EARNED
    scene.hub.look()
    assert scene.asked == [{b"a", b"b", b"c"}]
    assert [stream.next(0) for stream in streams] == [Word.STILL, EARNED, Word.STILL]


def test_nobody_listens_and_nothing_is_asked(scene: Scene):
    stream = scene.opened()
    scene.hub.close(stream)
    scene.hub.look()
    assert not scene.asked
    assert len(scene.hub) == 0


def test_whose_sign_in_has_ended_is_told_not_to_come_back(scene: Scene):
    stream, other = scene.opened(), scene.opened(b"b", 2)
    del scene.rows[b"a"]
    scene.hub.look()
    assert stream.next(0) is Word.OVER
    assert other.next(0) is Word.STILL


def test_a_database_that_is_away_ends_nobodys_stream(scene: Scene):
    stream = scene.opened()
    scene.failure = OSError("away")
    with capture_logs() as lines:
        scene.hub.look()
        scene.hub.look()
    assert [line["event"] for line in lines] == ["live hints cannot be read"]
    assert stream.next(0) is Word.STILL
    scene.failure, scene.rows[b"a"] = None, EARNED
    scene.hub.look()
    assert stream.next(0) == EARNED


def test_there_is_an_end_to_how_many_listen(scene: Scene):
    streams = [scene.open(bytes([number]), number) for number in range(5)]
    assert [stream is not None for stream in streams] == [True] * 4 + [False]
    assert streams[0] is not None
    scene.hub.close(streams[0])
    assert scene.open(b"z", 9) is not None


def test_nobody_takes_all_of_it(scene: Scene):
    for number in range(MOST_OF_ONE):
        assert scene.open(bytes([number]), member=1) is not None
    assert scene.open(b"z", member=1) is None
    assert scene.open(b"z", member=2) is not None


def test_a_page_that_was_left_makes_room_at_once(scene: Scene):
    left = scene.opened(bytes([0]), 1)
    for number in range(1, MOST_OF_ONE):
        scene.opened(bytes([number]), 1)
    scene.gone.add(bytes([0]))
    assert scene.open(b"z", 1) is not None
    assert left.next(0) is Word.LATER


def test_who_hung_up_is_let_go_at_the_next_look(scene: Scene):
    stream, other = scene.opened(), scene.opened(b"b", 2)
    scene.gone.add(b"a")
    scene.hub.look()
    assert stream.next(0) is Word.LATER
    assert other.next(0) is Word.STILL
    assert len(scene.hub) == 1
    assert scene.asked == [{b"b"}]


def test_a_stream_does_not_last_for_ever(scene: Scene):
    stream = scene.opened()
    scene.seconds = LONGEST - 1
    scene.hub.look()
    assert stream.next(0) is Word.STILL
    scene.seconds = LONGEST
    scene.hub.look()
    assert stream.next(0) is Word.LATER


def test_a_process_that_ends_lets_everybody_go_and_nobody_in(scene: Scene):
    stream = scene.opened()
    scene.is_ending = True
    scene.hub.look()
    assert stream.next(0) is Word.LATER
    assert scene.open(b"b", 2) is None
    assert len(scene.hub) == 0


def test_the_first_word_of_an_end_stands(scene: Scene):
    stream = scene.opened()
    stream.end(Word.OVER)
    scene.hub.close(stream)
    assert stream.next(0) is Word.OVER


def test_the_thread_runs_while_somebody_listens(monkeypatch: pytest.MonkeyPatch):
    """The real thread: begun by the first, told of the rest, gone with the last, begun again by the next."""
    monkeypatch.setattr(live, "EVERY", 0.001)
    scene: Any = Scene()
    first = scene.opened()
    (thread,) = [one for one in threading.enumerate() if one.name == "live"]
    scene.opened(b"b", 2)
    assert [one for one in threading.enumerate() if one.name == "live"] == [thread]
    scene.rows[b"a"] = EARNED
    assert first.next(10) == EARNED
    for stream in list(scene.hub._streams):
        scene.hub.close(stream)
    thread.join(10)
    assert not thread.is_alive()
    again = scene.opened()
    scene.rows[b"a"] = START
    assert again.next(10) == START
    scene.hub.close(again)
