"""A worker on a bulk change in a process of its own, for the test that kills it. Not a test itself.

bulk_worker.py prepare      customers, and a bulk change of all of them; prints its job's id
bulk_worker.py work ID      does the job, slowly enough to be killed in the middle
bulk_worker.py undo ID      asks for the undo of the change of that job; prints the undo's job
bulk_worker.py deeds        several bulk changes of the same customers; prints their jobs
bulk_worker.py quick ID     does the job as fast as it can, once a line came in
bulk_worker.py edit         edits the same customers one by one meanwhile, as staff do
"""

import os
import sys
import time

import django

CUSTOMERS = 300


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
    from jobs import sharing
    from jobs.services import JobHandle, run_job

    sharing.FEWEST, sharing.MOST = 25, 25
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


DEEDS = (
    ("add_tag", {"tag": "one"}),
    ("add_tag", {"tag": "two"}),
    ("remove_tag", {"tag": "vip"}),
    ("set_stage", {"stage": "customer"}),
)


def deeds():
    from customers.bulk.services import start_bulk
    from customers.selection import Selection
    from staff.models import User

    actor = User.objects.get(username="li")
    everybody = Selection.of_filters({}, actor)
    for action, options in DEEDS:
        change = start_bulk(actor=actor, action=action, options=options, selection=everybody)
        print(change.job_id)


def quick(job_id):
    from jobs import sharing
    from jobs.services import run_job

    sharing.FEWEST, sharing.MOST = 20, 60  # many portions, so that they meet
    sys.stdin.readline()
    job = run_job(job_id=job_id)
    while job.state == "queued":
        time.sleep(0.1)
        job = run_job(job_id=job_id)
    assert job.state == "done", job.error


def edit():
    from customers.models import Customer

    sys.stdin.readline()
    for key in list(Customer.objects.order_by("pk").values_list("pk", flat=True)[::5]):
        begun = time.monotonic()
        customer = Customer.objects.get(pk=key)
        customer.city = "Bern"
        customer.save(update_fields=["city"])
        assert time.monotonic() - begun < 1, "somebody waited"


def main(command, *arguments):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    django.setup()
    from audit.context import acting

    with acting(actor=None, door="system"):
        globals()[command](*arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
