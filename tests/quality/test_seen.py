"""Duplicates are found by digest, in bounded memory."""

import hashlib
import tracemalloc

from quality.seen import FirstSeen


def digest(number: int) -> bytes:
    return hashlib.blake2b(str(number).encode(), digest_size=16).digest()


def test_a_digest_keeps_the_number_it_came_with_first():
    seen = FirstSeen()

    assert [seen.first(digest(n % 7_000), n + 1) for n in range(20_000)] == [
        n % 7_000 + 1 for n in range(20_000)
    ]
    assert len(seen) == 7_000


def test_digests_that_share_a_half_or_a_slot_are_kept_apart():
    seen = FirstSeen()
    digests = [
        low.to_bytes(8, "little") + high.to_bytes(8, "little")
        for low in (0, 4096)
        for high in (0, 1)
    ]

    assert [seen.first(one, n) for n, one in enumerate(digests, start=1)] == [1, 2, 3, 4]
    assert [seen.first(one, 9) for one in digests] == [1, 2, 3, 4]


def test_a_distinct_row_costs_at_most_72_bytes():
    seen = FirstSeen()
    tracemalloc.start()
    try:
        for n in range(50_000):
            seen.first(digest(n), n + 1)
        kept = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()

    assert kept < 72 * 50_000
