"""When runs begin and end: the same for everyone or from joining on, in days of the member's zone."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.gamification.challenges.definition import Definition, Step, Window, sound
from app.gamification.challenges.window import first_run, fixed_run, personal_run
from app.gamification.errors.programme import NotSound
from app.lib.clock import to_micros

STEP = {"kind": "visits", "settings": {"target": 2}}


def definition(recurrence: str = "none", **window: object) -> Definition:
    return Definition({"en": "x"}, (Step("visits"),), window=Window(**window), recurrence=recurrence)  # type: ignore[arg-type]


def at(*moment: int) -> int:
    return to_micros(datetime(*moment, tzinfo=UTC))  # type: ignore[misc]


MARCH = {"kind": "fixed", "first": date(2026, 3, 1), "last": date(2026, 3, 31)}
WEEK = {"kind": "fixed", "first": date(2026, 3, 2), "last": date(2026, 3, 8)}


def test_both_days_of_a_fixed_window_belong_to_it_wherever_the_member_lives():
    for zone, hours in (("UTC", 0), ("Pacific/Kiritimati", 14), ("Etc/GMT+12", -12)):
        run = fixed_run(definition(**MARCH), at(2026, 3, 10), ZoneInfo(zone))
        assert run == (0, at(2026, 3, 1) - hours * 3_600_000_000, at(2026, 4, 1) - hours * 3_600_000_000)


def test_a_window_over_the_night_of_summer_time_is_an_hour_shorter():
    run = fixed_run(definition(**MARCH), at(2026, 3, 10), ZoneInfo("Europe/Nicosia"))
    assert run is not None and run.starts_at is not None and run.ends_at is not None
    assert run.ends_at - run.starts_at == (31 * 24 - 1) * 3_600_000_000


def test_before_it_there_is_the_next_and_after_it_none():
    assert fixed_run(definition(**MARCH), at(2026, 1, 10), ZoneInfo("UTC")) == (0, at(2026, 3, 1), at(2026, 4, 1))
    assert fixed_run(definition(**MARCH), at(2026, 4, 1), ZoneInfo("UTC")) is None


def test_one_that_begins_again_follows_itself_without_a_gap():
    week = definition("end", **WEEK)
    runs = [fixed_run(week, at(2026, 3, day), ZoneInfo("UTC")) for day in (1, 2, 8, 9, 15, 16)]
    assert [run and run.number for run in runs] == [0, 0, 0, 1, 1, 2]
    assert runs[2] and runs[3] and runs[2].ends_at == runs[3].starts_at
    # At the same moment one is in the next run already, another still in the last one.
    ahead = fixed_run(week, at(2026, 3, 8, 12), ZoneInfo("Pacific/Kiritimati"))
    assert ahead and ahead.number == 1


NEXT = {"kind": "fixed", "first": date(2026, 4, 6), "last": date(2026, 4, 12)}
OWN = {"kind": "personal", "days": 7}


@pytest.mark.parametrize(
    ("before", "new", "first"),
    [
        (("end", WEEK), ("end", WEEK), 5),  # the same days, another text
        (("none", WEEK), ("end", WEEK), 5),
        (("end", WEEK), ("end", NEXT), 9),  # four weeks had begun when it was published
        (("end", NEXT), ("end", WEEK), 5),  # none had
        (("end", WEEK), ("none", OWN), 9),
        (("none", WEEK), ("end", NEXT), 6),
        (("none", OWN), ("end", NEXT), 6),
        (("none", WEEK), ("none", NEXT), 5),  # whom it takes in once takes it in once
        (("none", OWN), ("completion", OWN), 5),
    ],
)
def test_runs_go_on_being_counted_when_their_days_change(before: Any, new: Any, first: int):
    definitions = [definition(recurrence, **window) for recurrence, window in (new, before)]
    assert first_run(*definitions, 5, at(2026, 3, 28)) == first


def test_no_run_of_everybodys_has_a_number_that_members_had_for_themselves():
    own, everybodys = definition("completion"), definition("end", **NEXT)
    assert first_run(everybodys, own, 0, at(2026, 3, 28)) > 10_000


def test_a_personal_window_counts_the_day_of_joining():
    days = definition(kind="personal", days=1)
    assert personal_run(days, at(2026, 3, 4, 23, 59), ZoneInfo("UTC"), 3) == (3, None, at(2026, 3, 5))
    assert personal_run(days, at(2026, 3, 28, 22, 30), ZoneInfo("Europe/Nicosia"), 0) == (0, None, at(2026, 3, 29, 21))
    assert personal_run(definition(), at(2026, 3, 4), ZoneInfo("UTC"), 0) == (0, None, None)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"window": {"kind": "fixed"}}, "window.last"),
        ({"window": {"kind": "fixed", "first": "2026-03-02", "last": "2026-03-01"}}, "window.last"),
        ({"window": {"kind": "fixed", "first": "0001-01-01", "last": "0001-01-01"}}, "window.last"),
        ({"window": {"kind": "fixed", "first": "2026-01-01", "last": "9999-12-31"}}, "window.last"),
        ({"window": {"kind": "personal"}}, "window.days"),
        ({"recurrence": "end"}, "recurrence"),
        ({"automatic": True, "places": 5}, "places"),
        ({"steps": [{"kind": "visits", "settings": {"target": 0}}]}, "steps.0.settings.target"),
        ({"steps": [{"kind": "lots_traded", "settings": {"target": "NaN"}}]}, "steps.0.settings.target"),
        ({"steps": [{"kind": "visits", "settings": {"target": "two"}}]}, "steps.0.settings"),
        ({"steps": [{"kind": "activities", "settings": {"activity": "custom."}}]}, "steps.0.settings.activity"),
        ({"steps": [{"kind": "nothing"}]}, "steps.0.kind"),
        ({"steps": [{**STEP, "after": [0]}]}, "steps.0.after"),
    ],
)
def test_what_cannot_be_played_is_refused_by_name(more: dict[str, object], field: str):
    with pytest.raises(NotSound) as refused:
        sound({"name": {"en": "x"}, "steps": [STEP], **more})
    assert field in [flaw.place for flaw in refused.value.flaws]
