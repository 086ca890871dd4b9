"""A worker in a process of its own, for the test that kills it. Not a test itself.

worker.py prepare        empty database, one job of twenty batches; prints the job's id
worker.py work ID        does the job, a tenth of a second per batch
worker.py look ID        prints the job and what its batches wrote, as JSON
"""

import os
import sys
import time

import django

BATCHES = 20


def twenty_batches(handle):
    from django.db import transaction

    from staff.models import Team

    for number in range(handle.cursor or 0, BATCHES):
        with transaction.atomic():
            Team.objects.create(name=f"batch {number} of attempt {handle.job.attempts}")
            time.sleep(0.05)  # killed here: written, but neither counted nor committed
            handle.advance(cursor=number + 1, done=number + 1, total=BATCHES)
        time.sleep(0.05)  # killed here: between two batches
    return {"batches": BATCHES}


def main(command, job_id=None):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    django.setup()
    from django.core.management import call_command

    from jobs.registry import register
    from jobs.services import create_job, run_job
    from staff.models import User

    register("test.twenty_batches", twenty_batches, label="Twenty batches")
    if command == "prepare":
        call_command("migrate", verbosity=0)
        actor = User.objects.create_user("li.na")
        print(create_job(actor=actor, kind="test.twenty_batches", params={}).pk)
    if command == "work":
        run_job(job_id=job_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
