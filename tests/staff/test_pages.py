"""What pages in the admin share."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from staff.pages import EMPTY, ago


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(seconds=10), "10 seconds ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=255), "8 months ago"),
        (-timedelta(days=20), "2 weeks from now"),
    ],
)
def test_long_ago_is_told_in_one_unit_with_the_exact_time_beside(away, words):
    told = ago(now() - away - timedelta(seconds=0.5)).replace("\xa0", " ")
    assert f">{words}</time>" in told
    assert 'title="' in told


def test_never_is_a_dash():
    assert ago(None) == EMPTY
