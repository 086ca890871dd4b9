"""What staff see of a job, and who may see and steer whose."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jobs import doors, progress, registry
from jobs.models import Job, State
from jobs.services import run_job
from staff.models import User
from staff.roles import Role

pytestmark = pytest.mark.django_db


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def somebody(username, role):
    user = User.objects.create_user(username)
    user.groups.add(Group.objects.get(name=role))
    return user


def page(job, name="change"):
    return reverse(f"admin:jobs_job_{name}", args=[job.pk])


def set_to(job, **values):
    Job.objects.filter(pk=job.pk).update(**values)
    job.refresh_from_db()
    return job


@pytest.fixture
def job(make_job):
    return make_job(lambda handle: {}, total=5000)


def test_a_running_job_shows_how_far_how_fast_and_how_long_still(job, li_na):
    now = timezone.now()
    set_to(
        job,
        state=State.RUNNING,
        started_at=now - timedelta(seconds=10),
        heartbeat_at=now,
        done=1000,
        message="cleaning rows",
    )
    html = client_of(li_na).get(page(job)).content.decode()
    assert "1,000 of 5,000" in html
    assert 'aria-valuenow="20"' in html
    assert "cleaning rows" in html
    assert "You can leave this page" in html
    found = progress.describe(job, now)
    assert found["rate"] == "100 per second"
    assert found["left"] == "less than a minute left"
    assert not found["note"]


def test_the_page_has_no_script_of_its_own_in_it(job, li_na):
    html = client_of(li_na).get(page(job)).content.decode()
    content = html[html.index('<section class="job"') : html.index("</section>")]
    assert "<script" not in content
    assert "style=" not in content
    assert "onclick" not in content


def test_the_json_says_the_same_and_takes_one_read(job, li_na, django_assert_max_num_queries):
    client = client_of(li_na)
    with django_assert_max_num_queries(3) as asked:  # session, user, job
        found = client.get(page(job, "progress")).json()
    assert not [q for q in asked if not q["sql"].startswith("SELECT")]
    assert (found["state"], found["percent"], found["finished"]) == ("queued", 0, False)


def test_a_finished_job_leads_to_its_result(make_job, li_na):
    job = run_job(
        job_id=make_job(lambda handle: {}, result_url=lambda job: f"/results/{job.kind}/").pk
    )
    html = client_of(li_na).get(page(job)).content.decode()
    assert 'href="/results/test.kind/"' in html
    assert "data-url" not in html
    assert "You can leave" not in html


def test_other_peoples_jobs_are_neither_listed_nor_shown(job):
    client = client_of(somebody("wang.wei", Role.SALES))
    listing = client.get(reverse("admin:jobs_job_changelist"))
    assert listing.status_code == 200
    assert not listing.context["cl"].result_list
    assert client.get(page(job)).status_code == 403
    assert client.get(page(job, "progress")).status_code == 403
    assert client.post(page(job, "cancel")).status_code == 403
    assert client.post(page(job, "retry")).status_code == 403
    job.refresh_from_db()
    assert job.state == State.QUEUED


def test_an_auditor_sees_every_job_and_steers_none(job):
    client = client_of(somebody("audrey", Role.AUDITOR))
    assert list(client.get(reverse("admin:jobs_job_changelist")).context["cl"].result_list) == [job]
    html = client.get(page(job)).content.decode()
    assert "/cancel/" not in html
    assert client.post(page(job, "cancel")).status_code == 403


def test_an_administrator_steers_every_job(job):
    client = client_of(somebody("ada", Role.ADMINISTRATOR))
    assert client.post(page(job, "cancel"), follow=True).status_code == 200
    job.refresh_from_db()
    assert job.state == State.CANCELLED


def test_a_stranger_is_sent_to_sign_in(job):
    for name in ("change", "progress"):
        response = Client().get(page(job, name))
        assert response.url.startswith(reverse("admin:login"))


def test_cancelling_and_retrying_ones_own_job(job, li_na, monkeypatch):
    woken = []
    monkeypatch.setattr(doors, "wake", lambda job: woken.append(job.pk) or True)
    client = client_of(li_na)
    html = client.post(page(job, "cancel"), follow=True).content.decode()
    assert "stays done" in html
    assert "Try again" in html
    html = client.post(page(job, "cancel"), follow=True).content.decode()
    assert "had ended before" in html
    client.post(page(job, "retry"))
    client.post(page(job, "retry"))  # the second click
    assert woken == [job.pk]
    job.refresh_from_db()
    assert job.state == State.QUEUED


def test_reading_a_link_changes_nothing(job, li_na):
    for name in ("cancel", "retry"):
        assert client_of(li_na).get(page(job, name)).status_code == 405
    job.refresh_from_db()
    assert job.state == State.QUEUED


def test_a_forged_form_from_another_site_is_refused(job, li_na):
    client = Client(enforce_csrf_checks=True)
    client.force_login(li_na)
    assert client.post(page(job, "cancel")).status_code == 403


def test_jobs_are_neither_added_nor_edited_nor_deleted_by_hand(job):
    client = client_of(somebody("ada", Role.ADMINISTRATOR))
    assert client.get(reverse("admin:jobs_job_add")).status_code == 403
    assert client.post(page(job, "delete"), {"post": "yes"}).status_code == 403
    client.post(page(job), {"state": "done"})
    job.refresh_from_db()
    assert job.state == State.QUEUED


@pytest.mark.parametrize("wrong", ["no-such-id", "0190b3c0-0000-7000-8000-000000000000"])
def test_a_job_that_does_not_exist_is_not_found(wrong, li_na):
    assert client_of(li_na).get(f"/jobs/job/{wrong}/change/").status_code == 404


def test_markup_in_a_message_stays_text(job, li_na):
    set_to(job, message="<img src=x onerror=alert(1)>", error="<b>no</b>", state=State.FAILED)
    html = client_of(li_na).get(page(job)).content.decode()
    assert "<img src=x" not in html
    assert "<b>no</b>" not in html


def test_the_page_says_that_the_broker_is_down_and_that_nothing_is_lost(job, li_na):
    set_to(job, unheard=True)
    html = client_of(li_na).get(page(job)).content.decode()
    assert "broker does not answer" in html
    assert "Nothing is lost" in html


def test_no_alarm_before_there_was_a_chance_to_begin(job):
    now = timezone.now()
    assert not progress.note(job, now)
    assert "workers are busy" in progress.note(job, now + timedelta(minutes=1))


def test_a_silent_worker_is_named_as_such(job):
    now = timezone.now()
    set_to(job, state=State.RUNNING, started_at=now, heartbeat_at=now)
    assert not progress.note(job, now)
    assert "not been heard of" in progress.note(job, now + timedelta(seconds=61))


@pytest.mark.parametrize(
    ("state", "done", "total", "shown"),
    [
        (State.RUNNING, 0, None, None),
        (State.RUNNING, 10, 0, None),
        (State.RUNNING, 999, 1000, 99),
        (State.RUNNING, 1000, 1000, 99),
        (State.RUNNING, 2000, 1000, 99),
        (State.DONE, 0, None, 100),
        (State.FAILED, 5, 10, 50),
    ],
)
def test_only_what_is_done_is_a_hundred_percent(state, done, total, shown):
    assert progress.percent(Job(state=state, done=done, total=total)) == shown


@pytest.mark.parametrize(("seconds", "shown"), [(5, "5 s"), (65, "1 min 5 s"), (3725, "1 h 2 min")])
def test_durations_are_said_in_words(seconds, shown):
    now = timezone.now()
    job = Job(started_at=now, finished_at=now + timedelta(seconds=seconds))
    assert progress.duration_text(job) == shown


def test_the_time_left_is_rounded_to_minutes():
    now = timezone.now()
    job = Job(state=State.RUNNING, started_at=now - timedelta(seconds=60), done=100, total=300)
    assert progress.left_text(job, now) == "about 2 minutes left"


def test_nobody_starts_again_what_they_may_no_longer_start(make_job, li_na):
    job = make_job(lambda handle: {}, permission="staff.change_team")
    assert client_of(li_na).post(page(job, "retry")).status_code == 403
    assert (
        client_of(somebody("ada", Role.ADMINISTRATOR)).post(page(job, "cancel")).status_code == 302
    )


def test_the_list_tells_what_each_job_is_about_and_asks_once_for_a_kind(li_na, make_job):
    asked = []

    def subject(jobs):
        asked.append(len(jobs))
        return {job.pk: f"<b>file {number}</b>" for number, job in enumerate(jobs)}

    jobs = [make_job(lambda handle: {}, total=1) for _turn in range(3)]
    kind = jobs[0].kind
    Job.objects.update(kind=kind)
    known = registry.kind_of(kind)
    registry._kinds[kind] = replace(known, subject=subject)
    try:
        client = client_of(li_na)
        html = client.get(reverse("admin:jobs_job_changelist")).content.decode()
        assert "&lt;b&gt;file 2&lt;/b&gt;" in html
        assert asked == [3]
        assert "file 0" in client.get(page(jobs[0])).content.decode()
    finally:
        registry._kinds[kind] = known
