"""Many at work at once on a real PostgreSQL: nobody's change is lost, nobody waits for ever."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.customers.crowd import ROUNDS
from tests.customers.importing import KLAUS, write_csv
from tests.product import product
from tests.servers import postgres_server

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    directory = tmp_path_factory.mktemp("c")
    with (
        postgres_server(directory) as database,
        product(directory, DATABASE_URL=database, CRM_LOG_LEVEL="ERROR") as made,
    ):
        yield made


@pytest.fixture
def ask(made):
    """Answers a question about the database, raw."""
    import psycopg

    with psycopg.connect(made.environment["DATABASE_URL"], autocommit=True) as connection:
        yield lambda sql, *values: connection.execute(sql, values).fetchall()


def at_once(made, *commands):
    """Runs all these in processes of their own, let go together; their errors, if any."""
    environment = made.environment | {"PYTHONPATH": str(ROOT)}
    with contextlib.ExitStack() as stack:
        running = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, *map(str, command)], env=environment, cwd=ROOT, text=True,
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                )
            )
            for command in commands
        ]  # fmt: skip
        for process in running:
            process.stdin.write("go\n")
            process.stdin.flush()
        ended = [(process.communicate(timeout=180)[1], process.returncode) for process in running]
    return [error for error, code in ended if code]


def crowd(work, number):
    return ("tests/customers/crowd.py", work, number)


def test_no_number_is_given_twice_or_left_out(made, ask):
    assert at_once(made, *(crowd("make_customers", number) for number in range(4))) == []
    numbers = [int(number[2:]) for (number,) in ask("SELECT number FROM customers_customer")]
    assert sorted(numbers) == list(range(1, 4 * ROUNDS * 13 + 1))
    assert ask("SELECT count(*) FROM customers_historicalcustomer") == [(len(numbers),)]


def test_bulk_writes_of_the_same_customers_neither_lock_up_nor_lose_a_field(made, ask):
    made.inside(
        "from customers.models import Customer\n"
        "Customer.objects.audited_create("
        "Customer(given_name='Ann', family_name='Crowd', city='x') for _one in range(60))",
    )
    assert at_once(made, *(crowd("change_many", number) for number in range(5))) == []
    now = made.inside(
        "from customers.models import Customer\n"
        "print({(one.city, one.region, one.job_title, one.street, one.language)"
        " for one in Customer.objects.filter(family_name='Crowd')})",
    )
    last = ROUNDS - 1
    assert now == str(
        {(f"city {last}", f"region {last}", f"job_title {last}", f"street {last}", f"d{last}")}
    )
    assert differing(ask) == 0


def differing(ask):
    """Customers that are not what their newest history row says."""
    columns = [
        "number",
        "city",
        "region",
        "job_title",
        "street",
        "language",
        "email",
        "postal_code",
    ]
    different = " OR ".join(f"live.{name} IS DISTINCT FROM last.{name}" for name in columns)
    [(count,)] = ask(
        "SELECT count(*) FROM customers_customer live JOIN LATERAL (SELECT * FROM "
        "customers_historicalcustomer h WHERE h.id = live.id "
        f"ORDER BY history_date DESC, history_id DESC LIMIT 1) last ON TRUE WHERE {different}"
    )
    return count


def test_two_editors_of_one_customer_lose_nothing(made, ask):
    for number in range(2):
        made.manage("create_staff", f"editor{number}", "--role", "data_steward")
    made.inside(
        "from staff.models import User\n"
        "for one in User.objects.filter(username__startswith='editor'):\n"
        "    one.must_change_password = False\n"
        "    one.save()\n"
        "from customers.models import Customer\n"
        "Customer(given_name='Shared', family_name='Page').save()",
    )
    assert at_once(made, crowd("edit_page", 0), crowd("edit_page", 1)) == []
    [(key, city, region, code)] = ask(
        "SELECT id, city, region, postal_code FROM customers_customer WHERE given_name = 'Shared'"
    )
    assert (city, region) == (f"0 in turn {ROUNDS - 1}", f"1 in turn {ROUNDS - 1}")
    assert code in (f"10{ROUNDS - 1}", f"11{ROUNDS - 1}")
    codes = ask(
        "SELECT DISTINCT postal_code FROM customers_historicalcustomer WHERE id = %s "
        "AND postal_code <> ''",
        key,
    )
    assert len(codes) == 2 * ROUNDS, "each was written by whoever wanted it, none unknowingly"
    assert differing(ask) == 0


def test_one_file_twice_at_once_beside_staff_makes_nobody_twice(made, ask, tmp_path):
    people = [
        KLAUS | {"id": n, "first_name": f"Klaus{n}", "last_name": "Twice", "city": "x",
                 "email": f"klaus{n}@example.org", "phone": f"+49 160 {7000000 + n}"}
        for n in range(300)
    ]  # fmt: skip
    path = write_csv(tmp_path / "people.csv", *people)
    importing = [
        "manage.py", "import_customers", path, "--source", "shop", "--external-id", "id",
    ]  # fmt: skip
    assert at_once(made, importing, importing, crowd("make_customers", 8)) == []
    assert ask("SELECT count(*) FROM customers_customer WHERE family_name = 'Twice'") == [(300,)]
    write_csv(path, *(one | {"city": "Bonn", "last_name": "Crowd"} for one in people))
    assert at_once(made, importing, importing, *(crowd("change_many", n) for n in (2, 4))) == []
    assert ask("SELECT count(*) FROM customers_customer WHERE family_name = 'Twice'") == [(0,)]
    assert differing(ask) == 0


def test_what_staff_change_while_an_import_is_undone_stays(made, ask, tmp_path):
    people = [
        KLAUS | {"id": n, "first_name": f"Klaus{n}", "last_name": "Undone", "city": "Essen",
                 "email": f"undone{n}@example.org", "phone": f"+49 160 {8000000 + n}"}
        for n in range(300)
    ]  # fmt: skip
    importing = ["import_customers", str(tmp_path / "people.csv"), "--source", "fair"]
    importing += ["--external-id", "id", "--json"]
    write_csv(tmp_path / "people.csv", *people)
    made.manage(*importing)
    write_csv(tmp_path / "people.csv", *(one | {"city": "Bonn"} for one in people))
    batch = json.loads(made.manage(*importing).stdout)["batch"]
    assert at_once(made, ["manage.py", "undo_import", batch], crowd("touch_each", 0)) == []
    [(touched, back)] = ask(
        "SELECT count(*) FILTER (WHERE job_title = 'touched'), count(*) FILTER (WHERE city = 'Essen') "
        "FROM customers_customer WHERE family_name = 'Undone'"
    )
    assert touched == 300
    assert back > 0
    assert differing(ask) == 0
