"""Which backups are given up: never the newest, never by number, never under a wrong clock."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backups.retention import superseded

NOW = datetime(2026, 11, 21, 20, 7, tzinfo=UTC)
TIMES = st.sets(
    st.integers(0, 800 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes)), max_size=60
)


@given(TIMES)
def test_the_newest_is_always_kept(times):
    gone = superseded(times, NOW)
    assert gone <= times
    assert not times or max(times) not in gone


@given(TIMES)
def test_all_of_the_last_day_are_kept(times):
    assert all(NOW - time > timedelta(days=1) for time in superseded(times, NOW))


@given(TIMES)
def test_what_is_given_up_within_two_weeks_has_a_later_one_of_its_day(times):
    gone = superseded(times, NOW)
    for time in gone:
        if NOW - time <= timedelta(days=14):
            later = {t for t in times - gone if t > time and t.date() == time.date()}
            assert later


@given(TIMES)
def test_every_week_of_the_last_year_keeps_one(times):
    gone = superseded(times, NOW)
    for time in times:
        if NOW - time <= timedelta(days=365):
            assert any(kept.isocalendar()[:2] == time.isocalendar()[:2] for kept in times - gone)


@given(TIMES)
def test_deciding_twice_decides_the_same(times):
    gone = superseded(times, NOW)
    assert superseded(times - gone, NOW) == set()


def test_hourly_backups_over_two_years_leave_a_bounded_number():
    kept: set[datetime] = set()
    for hours in range(800 * 24):
        now = NOW + timedelta(hours=hours)
        kept.add(now)
        if hours % 24 == 0:
            kept -= superseded(kept, now)
    assert 80 < len(kept - superseded(kept, now)) < 110


def test_a_clock_that_was_wrong_gives_up_nothing():
    times = {NOW + timedelta(hours=1), NOW - timedelta(days=600)}
    assert superseded(times, NOW) == set()


def test_no_backups_no_verdict():
    assert superseded([], NOW) == set()
