"""How long it takes to say where each value of customers comes from, read from their history.

    python -m benchmarks.provenance [--customers 100000]

Makes a database of its own in a temporary directory: customers from one file, each changed twice
by hand since. Times are processor time, which a busy machine disturbs least. docs/decisions/0009
rests on the figures.
"""

import argparse
import random
import tempfile
import time
from typing import Any

from benchmarks.import_customers import set_up

AT_ONCE = 2_000


def fill(count: int) -> None:
    from django.utils import timezone

    from audit.context import acting
    from customers.models import ImportBatch, Source

    with acting(actor=None, door="system"):
        source = Source.objects.create(name="bench")
    batch = ImportBatch.objects.create(
        number=1, source=source, source_name="bench", file_name="bench.csv",
        started_at=timezone.now(), state="done",
    )  # fmt: skip
    for start in range(0, count, AT_ONCE):
        change(create(batch, range(start, min(start + AT_ONCE, count))))


def create(batch: Any, numbers: range) -> list[Any]:
    from audit.context import acting
    from customers.models import Customer, ImportRow

    customers = [
        Customer(
            given_name=f"Given {n}", family_name=f"Family {n}", email=f"p{n}@example.com",
            phone=f"+4915{n:09d}", street=f"Street {n}", city="Bonn", country="DE",
            source=batch.source, birth_date="1980-01-01",
        )
        for n in numbers
    ]  # fmt: skip
    with acting(actor=None, door="task", request_id=batch.pk):
        Customer.objects.audited_create(customers)
    ImportRow.objects.bulk_create(
        ImportRow(batch=batch, number=n + 1, outcome="created", customer_key=customer.pk)
        for n, customer in zip(numbers, customers, strict=True)
    )
    return customers


def change(customers: list[Any]) -> None:
    from audit.context import acting
    from customers.models import Customer

    for stage in ("prospect", "customer"):
        for n, customer in enumerate(customers):
            customer.stage, customer.city = stage, f"{stage} {n % 7}"
            if stage == "customer" and n % 5 == 0:
                customer.email = f"new{n}@example.com"
        with acting(actor=None, door="admin"):
            Customer.objects.audited_update(customers, ["stage", "city", "email"])


def measure(count: int) -> None:
    from customers.models import Customer
    from customers.provenance import origins_of, walk_origins

    keys = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    for many in (1, 100, min(1_000, count)):
        some = random.Random(1).sample(keys, many)
        times = []
        for _ in range(5):
            begun = time.process_time()
            origins_of(some)
            times.append(time.process_time() - begun)
        print(f"{many:>9,} customers: {min(times) * 1000:.1f} ms")
    begun = time.process_time()
    fields = sum(len(origins) for _key, origins in walk_origins(keys))
    print(f"{count:>9,} customers: {time.process_time() - begun:.1f} s, {fields:,} fields")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crm-bench-") as directory:
        set_up(directory)
        fill(options.customers)
        measure(options.customers)


if __name__ == "__main__":
    main()
