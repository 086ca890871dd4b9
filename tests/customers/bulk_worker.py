"""A worker on a bulk change in a process of its own, for the test that kills it. Not a test itself.

bulk_worker.py prepare      customers, and a bulk change of all of them; prints its job's id
bulk_worker.py work ID      does the job, slowly enough to be killed in the middle
bulk_worker.py undo ID      asks for the undo of the change of that job; prints the undo's job
"""

import os
import sys
import time

import django

CUSTOMERS = 600


def prepare():
    from django.core.management import call_command

    from customers.bulk.services import start_bulk
    from customers.models import Customer
    from customers.selection import Selection
    from staff.roles import Role
    from staff.services import create_staff, system_user

    call_command("migrate", verbosity=0)
    actor, _password = create_staff(
        actor=system_user(), username="li", roles=[Role.SALES], must_change_password=False
    )
    Customer.objects.audited_create(
        Customer(family_name=f"Number{n}", tags="vip" if n % 3 == 0 else "")
        for n in range(CUSTOMERS)
    )
    everybody = Selection.of_filters({}, actor)
    print(
        start_bulk(
            actor=actor, action="add_tag", options={"tag": "fair"}, selection=everybody
        ).job_id
    )  # fmt: skip


def work(job_id):
    from customers.imports import lock
    from jobs.services import JobHandle, run_job

    lock.FEWEST, lock.MOST = 25, 25
    plain = JobHandle.advance

    def slowly(self, **values):
        plain(self, **values)
        time.sleep(0.05)  # killed here: written, but not committed

    JobHandle.advance = slowly
    run_job(job_id=job_id)


def undo(job_id):
    from customers.bulk.services import start_undo
    from customers.models import BulkChange

    change = BulkChange.objects.get(job=job_id)
    print(start_undo(actor=change.started_by, change=change).pk)


def main(command, *arguments):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    django.setup()
    from audit.context import acting

    with acting(actor=None, door="system"):
        {"prepare": prepare, "work": work, "undo": undo}[command](*arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
