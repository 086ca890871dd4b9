"""rebuild_search_index: whoever was indexed by older rules is found by the present ones."""

import json
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction

from customers import search_index
from customers.models import Customer, CustomerName, SearchIndex
from customers.models.names import RULES
from customers.search import find_customers
from jobs.models import Job, State
from jobs.services import run_job
from staff.models import User
from tests.customers.people import ZHANG_WEI, person, somebody_acts

pytestmark = pytest.mark.django_db


def older_rules():
    """The index as it was before names were found as they are spoken."""
    SearchIndex.objects.update_or_create(pk=search_index.ROW, defaults={"rules": 1})
    CustomerName.objects.filter(part__lt=b"\x7f").delete()


def found(term):
    return list(find_customers(term, User()))


def run(*arguments):
    out, err = StringIO(), StringIO()
    call_command("rebuild_search_index", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_whoever_was_indexed_by_older_rules_is_found_as_their_name_is_spoken():
    customer = person(**ZHANG_WEI)
    older_rules()
    assert found("zhang wei") == []
    assert search_index.is_stale()
    out, err = run("--json")
    assert found("zhang wei") == [customer]
    assert not search_index.is_stale()
    told = json.loads(out)
    assert (told["customers"], told["rules"]) == (1, RULES)
    assert err.endswith("1 customers indexed, 4 parts of names.\n")


def test_the_bin_is_indexed_too_and_no_customer_changes():
    customer = person(**ZHANG_WEI)
    with somebody_acts():
        Customer.objects.filter(pk=customer.pk).audited_set(binned_at="2026-01-01T00:00:00Z")
    older_rules()
    before = Customer.with_bin.values().get(), Customer.history.count()
    run()
    assert CustomerName.objects.filter(customer=customer, part=b"zhangwei").exists()
    assert (Customer.with_bin.values().get(), Customer.history.count()) == before


def test_a_dry_run_counts_and_writes_nothing():
    person(**ZHANG_WEI)
    older_rules()
    out, err = run("--dry-run", "--json")
    assert json.loads(out) == {"customers": 1, "needed": True}
    assert "1 of 1 customers to index" in err
    assert found("zhang wei") == []


def test_nothing_is_done_again_that_is_up_to_date():
    person(**ZHANG_WEI)
    run()
    finished = SearchIndex.objects.get().finished_at
    _out, err = run("--if-needed")
    assert "is up to date" in err
    assert SearchIndex.objects.get().finished_at == finished


def test_killed_half_way_it_goes_on_where_it_was(monkeypatch):
    customers = [person(family_name="张", given_name="伟") for _one in range(5)]
    older_rules()
    monkeypatch.setattr(search_index, "FIRST_BATCH", 2)
    monkeypatch.setattr("jobs.sharing.FEWEST", 2)
    monkeypatch.setattr("jobs.sharing.MOST", 2)

    def stop(done, total):
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        search_index.rebuild(inside=stop)
    with pytest.raises(KeyboardInterrupt):
        search_index.rebuild(tell=stop)
    assert SearchIndex.objects.get().cursor == sorted(one.pk for one in customers)[3]
    result = search_index.rebuild()
    assert (result.resumed, result.customers) == (True, 5)
    assert len(found("zhangwei")) == 5


def test_an_old_installation_gets_its_job_once_when_it_migrates():
    person(**ZHANG_WEI)
    older_rules()
    for _twice in range(2):
        search_index.after_migrate(apps=apps)
    job = Job.objects.get(kind=search_index.KIND)
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert job.state == State.DONE
    assert job.result["customers"] == 1
    assert len(found("zhangwei")) == 1
    search_index.after_migrate(apps=apps)
    assert Job.objects.filter(kind=search_index.KIND).count() == 1


def test_a_new_installation_is_up_to_date_and_has_nothing_to_do():
    SearchIndex.objects.all().delete()
    search_index.after_migrate(apps=apps)
    assert SearchIndex.objects.get().rules == RULES
    assert not Job.objects.exists()
    person(**ZHANG_WEI)
    assert not search_index.is_stale()
