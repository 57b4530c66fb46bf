"""How far a round's members have come towards badges: loaded and written in a few statements."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from app.gamification.badges.counts import Award, Badges, Held
from app.gamification.challenges.load import new_kinds
from app.gamification.measures.measure import Counted, hears
from app.gamification.programme import Programme
from app.gamification.state import Effects, Happening, MemberState
from app.models import bulk

_COUNTS = "SELECT c.member_id, c.counts FROM ids CROSS JOIN badge_count c ON c.member_id = ids.id"
_KEYS = (
    "SELECT k.member_id, k.badge_id, k.key, k.times FROM keys CROSS JOIN badge_key k"
    " ON k.member_id = keys.member_id AND k.badge_id = keys.badge_id AND k.key = keys.key"
)
_HELD = (
    "SELECT a.member_id, a.badge_id, a.level, a.revision_id, a.points, a.points_seq FROM ids"
    " CROSS JOIN badge_award a ON a.member_id = ids.id"
)
_BADGE_KEY = {"member_id": "bigint", "badge_id": "bigint", "key": "text"}
_BADGE_AWARD = {
    "member_id": "bigint",
    "badge_id": "bigint",
    "level": "smallint",
    "revision_id": "bigint",
    "awarded_at": "bigint",
    "fell_at": "bigint",
    "points": "bigint",
    "points_seq": "bigint",
}

States = Mapping[int, MemberState]


def load(conn: Connection, programme: Programme, states: States) -> None:
    """How far these members have come, with the keys that this round may count."""
    kept: dict[int, str] = dict(bulk.tuples_by_ids(conn, _COUNTS, states))
    for id_, state in states.items():
        state.badges = Badges(kept.get(id_))
        if not state.decisions:
            state.badges.begin(programme.play.counting)
    keys = _keys(programme, states)
    if keys:
        for member_id, badge_id, key, times in bulk.tuples_by_keys(conn, _KEYS, _BADGE_KEY, sorted(keys)):
            badges = states[member_id].badges
            assert badges is not None
            badges.keys[badge_id, key] = times
    load_held(conn, {id_: state for id_, state in states.items() if state.effects})


def load_held(conn: Connection, states: States) -> None:
    """The levels of members who may lose some."""
    for member_id, badge_id, level, *held in bulk.tuples_by_ids(conn, _HELD, states) if states else ():
        badges = states[member_id].badges
        assert badges is not None
        badges.held[badge_id, level] = Held(*held)


def write(conn: Connection, states: Sequence[MemberState]) -> None:
    """The counts that have changed, and the levels that were given or fell."""
    every = [(state.id, state.badges) for state in states if state.badges is not None]
    bulk.upsert(
        conn,
        "badge_count",
        {"member_id": "bigint", "counts": "text"},
        ("member_id",),
        "counts = excluded.counts",
        [(member_id, badges.to_text()) for member_id, badges in every if badges.changed],
    )
    replaced = sorted((member_id, badge_id) for member_id, badges in every for badge_id in badges.recounted)
    bulk.delete(conn, "badge_key", {"member_id": "bigint", "badge_id": "bigint"}, replaced)
    bulk.upsert(
        conn,
        "badge_key",
        _BADGE_KEY | {"times": "integer"},
        ("member_id", "badge_id", "key"),
        "times = excluded.times",
        sorted((member_id, *place, badges.keys[place]) for member_id, badges in every for place in badges.new_keys),
    )
    by_statement: dict[tuple[bool, bool], list[tuple[Any, ...]]] = {}
    for member_id, badges in every:
        for (badge_id, level), (award, given_at) in sorted(_last(badges.awards).items()):
            at = award.at if given_at is None else given_at
            row = (
                member_id,
                badge_id,
                level,
                award.revision_id,
                at,
                award.fell_at,
                award.points or 0,
                award.points_seq,
            )
            by_statement.setdefault((given_at is not None, award.points is not None), []).append(row)
    for (is_given, is_paid), rows in sorted(by_statement.items()):
        changed = ["fell_at", "revision_id"] + ["awarded_at"] * is_given + ["points", "points_seq"] * is_paid
        change = ", ".join(f"{name} = excluded.{name}" for name in changed)
        bulk.upsert(conn, "badge_award", _BADGE_AWARD, ("member_id", "badge_id", "level"), change, rows)


def may_lose_points(programme: Programme, state: MemberState) -> bool:
    """Whether points of a badge may be taken back in the round, and so from other batches if need be."""
    if state.badges is None or state.badges.has_points:
        return state.badges is not None
    paid = [badge for badge in programme.play.badges.values() if any(badge.definition.points)]
    return any(badge.is_gauge or hears(badge.listens, kind) for kind in new_kinds(state) for badge in paid)


def _keys(programme: Programme, states: States) -> set[tuple[int, int, str]]:
    """The different things that badges would count of what is counted, or taken back, in this round."""
    keyed, found = programme.play.keyed_kinds, set[tuple[int, int, str]]()
    for state in states.values():
        for activity in state.happenings:
            if activity.kind in keyed and activity.verified and not activity.is_bust:
                # Where it will stand follows from what it corrects, which may be anywhere before.
                placed_at = 0 if activity.amends is not None else activity.recorded_at
                found |= _keys_of(programme, state, activity, placed_at)
        for effects in state.effects.values():
            if effects.counted is not None and effects.counted.kind in keyed:
                found |= _keys_of(programme, state, effects, effects.placed_at)
    return found


def _keys_of(
    programme: Programme, state: MemberState, one: Happening | Effects, placed_at: int
) -> set[tuple[int, int, str]]:
    """The same of one activity; of one that cannot be read nothing: its fold will fail and say so."""
    found: set[tuple[int, int, str]] = set()
    try:
        seen = one.seen(programme.zone, state.own)
        for badge in programme.play.counting_for(seen.kind, placed_at, state.own):
            if badge.is_keyed and badge.measured is not None:
                counted = seen.judged_by(badge.measured)
                if isinstance(counted, Counted) and counted.key is not None:
                    found.add((state.id, badge.badge_id, counted.key))
    except Exception:
        return set()
    return found


def _last(awards: Iterable[Award]) -> dict[tuple[int, int], tuple[Award, int | None]]:
    """Of what happened to one level within a round the end, with what it brought, and when it was given last."""
    found: dict[tuple[int, int], tuple[Award, int | None]] = {}
    for award in awards:
        place = award.badge_id, award.level
        before, given_at = found.get(place, (None, None))
        if before is not None and award.points is None and before.points is not None:
            award = award._replace(points=before.points, points_seq=before.points_seq)
        found[place] = award, award.at if award.fell_at is None else given_at
    return found
