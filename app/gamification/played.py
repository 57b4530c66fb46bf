"""What members play, loaded and written with their round: each noun its own rows, here in the order they need."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from app.gamification.badges import load as badges
from app.gamification.challenges import load as challenges
from app.gamification.habits import load as habits
from app.gamification.ledger import store
from app.gamification.lessons import paid
from app.gamification.programme import Programme
from app.gamification.state import MemberState
from app.gamification.streaks import load as streaks
from app.gamification.streaks.days import Habits
from app.models import bulk

States = Mapping[int, MemberState]


def load(conn: Connection, programme: Programme, states: States) -> None:
    """Everything the play steps look at, and the lessons paid for; without challenges and badges nothing else is read.

    After the chains, whose members may have completions to lose.
    """
    play = programme.play
    busy = {id_: state for id_, state in states.items() if state.happenings or state.effects}
    if not busy:
        return
    if play.own_kinds:
        habits.load(conn, busy, play.own_kinds)
    streaks.begin(busy)
    streaks.load_near(conn, busy)
    paid.load(conn, busy)
    if play.needs_practice:
        streaks.load_every_day(conn, busy)
    if play.challenges:
        challenges.load(conn, programme, busy)
    if play.badges:
        badges.load(conn, programme, busy)
    _load_batches(conn, programme, busy)


def _load_batches(conn: Connection, programme: Programme, states: States) -> None:
    """All open batches of members who may lose a reward: its points may be spent, and are then taken from others."""
    books = []
    for state in states.values():
        if state.effects and (challenges.may_lose_points(programme, state) or badges.may_lose_points(programme, state)):
            state.book.batches = None
            books.append(state.book)
    if books:
        store.load_batches(conn, books)


def load_every_entry(conn: Connection, programme: Programme, states: States) -> None:
    """All entries and badges of members whose wallets are open, for who changes them beside the pipeline."""
    challenges.load_every(conn, programme, states)
    badges.load(conn, programme, states)


def load_standing(conn: Connection, programme: Programme, states: States) -> None:
    """What gauges read of members whose wallets are open, for who looks at badges beside the pipeline."""
    if programme.play.needs_practice:
        for state in states.values():
            state.habits = state.habits or Habits(state.time_zone)
        streaks.load_every_day(conn, states)
    badges.load(conn, programme, states)


def write(conn: Connection, states: Sequence[MemberState]) -> None:
    """What a round, or a change beside it, has found."""
    present = [state for state in states if not state.erased]
    challenges.write(conn, present)
    badges.write(conn, present)
    streaks.write(conn, present)
    undone = sorted((id_, state.id, *by) for state in states for id_, *by in state.taken_back)
    bulk.insert(conn, "taken_back", ("activity_id", "member_id", "by_id", "place", "placed_at"), undone)
