"""Watching on behalf of open pages: one thread a process looks for what changed, and tells those who listen.

It runs while somebody listens and asks one question each half second, however many they are. Knows no web: how the
marks are read, and whether a listener is still there, are handed in.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from enum import Enum, auto

from structlog import get_logger

from app.gamification.live.marks import Marks

log = get_logger(__name__)

EVERY = 0.5  # seconds
LONGEST = 600.0  # seconds; the browser comes back by itself
MOST_OF_ONE = 3  # browsers of one member


class Word(Enum):
    """What a stream says when it has no marks to tell."""

    STILL = auto()  # nothing has changed, and the line is open
    OVER = auto()  # the sign-in has ended: do not come back
    LATER = auto()  # the stream has ended, and nothing else has


class Stream:
    """What one browser is told: the newest marks, each once, in the order in which they came to be."""

    def __init__(self, sign_in: bytes, member: int, marks: Marks, until: float, is_gone: Callable[[], bool]) -> None:
        self.sign_in, self.member, self.until, self.is_gone = sign_in, member, until, is_gone
        self._changed = threading.Condition()
        self._marks = marks
        self._is_news = True  # what it begins with is told at once
        self._end: Word | None = None

    def tell(self, marks: Marks) -> None:
        """Let the browser know, unless it does."""
        with self._changed:
            if marks != self._marks:
                self._marks, self._is_news = marks, True
                self._changed.notify()

    def end(self, word: Word) -> None:
        """Say no more than this."""
        with self._changed:
            self._end = self._end or word
            self._changed.notify()

    def next(self, seconds: float) -> Marks | Word:
        """What to send now: news at once, or a word after that many seconds without any."""
        with self._changed:
            self._changed.wait_for(lambda: self._end or self._is_news, seconds)
            if self._end:
                return self._end
            if not self._is_news:
                return Word.STILL
            self._is_news = False
            return self._marks


class Hub:
    """The open streams of a process, and the thread that watches for them."""

    def __init__(
        self,
        read: Callable[[Collection[bytes]], Mapping[bytes, Marks]],
        most: int,
        *,
        is_ending: Callable[[], bool] = lambda: False,
        tell_time: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read, self._most, self._is_ending, self._tell_time = read, most, is_ending, tell_time
        self._lock = threading.Lock()
        self._streams: set[Stream] = set()
        self._thread: threading.Thread | None = None
        self._is_failing = False

    def __len__(self) -> int:
        return len(self._streams)

    def open(self, sign_in: bytes, member: int, marks: Marks, is_gone: Callable[[], bool]) -> Stream | None:
        """A stream that begins with these marks; None when there are too many already, or the process ends."""
        stream = Stream(sign_in, member, marks, self._tell_time() + LONGEST, is_gone)
        with self._lock:
            # A page that was left a moment ago must not stand in the way of the one that follows it.
            self._streams = {one for one in self._streams if not _left(one)}
            of_members = Counter(one.member for one in self._streams)
            if self._is_ending() or len(self._streams) >= self._most or of_members[member] >= MOST_OF_ONE:
                return None
            self._streams.add(stream)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="live", daemon=True)
                self._thread.start()
        return stream

    def close(self, stream: Stream) -> None:
        """Give its place to somebody else."""
        stream.end(Word.LATER)
        with self._lock:
            self._streams.discard(stream)

    def look(self) -> None:
        """Tell what has changed since the last time, and end what is over."""
        with self._lock:
            streams = tuple(self._streams)
        is_ending, now = self._is_ending(), self._tell_time()
        open_ = []
        for stream in streams:
            if is_ending or now >= stream.until or stream.is_gone():
                self.close(stream)
            else:
                open_.append(stream)
        found = self._found({stream.sign_in for stream in open_})
        if found is None:
            return
        for stream in open_:
            marks = found.get(stream.sign_in)
            if marks is None:
                stream.end(Word.OVER)
            else:
                stream.tell(marks)

    def _found(self, sign_ins: Collection[bytes]) -> Mapping[bytes, Marks] | None:
        """The marks as they are; None while they cannot be read, which ends nobody's stream."""
        if not sign_ins:
            return None
        try:
            found = self._read(sign_ins)
        except Exception:
            if not self._is_failing:
                log.exception("live hints cannot be read")
            self._is_failing = True
            return None
        self._is_failing = False
        return found

    def _watch(self) -> None:
        while True:
            time.sleep(EVERY)
            with self._lock:
                if not self._streams:
                    self._thread = None
                    return
            self.look()


def _left(stream: Stream) -> bool:
    """Whether nobody listens any more; if so it ends."""
    if stream.is_gone():
        stream.end(Word.LATER)
        return True
    return False
