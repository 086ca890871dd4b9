"""A sealed column answers three questions rightly and refuses all others in words."""

import pytest
from django.core.exceptions import FieldError
from django.db import connection, models
from django.db.models import Case, Count, Exists, F, Max, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat, Length, Lower, TruncYear, Upper
from django.test.utils import CaptureQueriesContext

from encryption.lookups import BlindExact
from encryption.new_ring import new_key
from tests.encryption.testapp.models import Everything, Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return Person.objects.create(name="Ann", email="ann@example.com", phone="+4930123456")


@pytest.fixture
def bob(ann):
    return Person.objects.create(name="Bob", email="bob@example.com", boss=ann)


@pytest.fixture
def nobody():
    return Person.objects.create(name="Nobody")


def names(queryset):
    return sorted(person.name for person in queryset)


def test_exact_and_in_find_every_spelling(ann, bob, nobody):
    assert names(Person.objects.filter(email=" ANN@Example.COM ")) == ["Ann"]
    assert names(Person.objects.filter(email__exact="ann@example.com")) == ["Ann"]
    assert names(Person.objects.filter(email__in=["ANN@example.com", "bob@example.com"])) == [
        "Ann",
        "Bob",
    ]
    assert names(Person.objects.filter(email__in={"x@example.com"})) == []
    assert names(Person.objects.filter(email__in=(e for e in ["bob@example.com"]))) == ["Bob"]
    assert names(Person.objects.filter(email__in=[])) == []
    assert names(Person.objects.filter(email__in=[None])) == []
    for spelling in ("+49 30 123456", "0049 30 / 12 34 56", "+49 (0)30 123-456", "+493０123456"):
        assert names(Person.objects.filter(phone=spelling)) == ["Ann"]


def test_emptiness_is_asked_with_isnull_or_none(ann, nobody):
    assert names(Person.objects.filter(email__isnull=True)) == ["Nobody"]
    assert names(Person.objects.filter(email=None)) == ["Nobody"]
    assert names(Person.objects.filter(email__isnull=False)) == ["Ann"]
    assert names(Person.objects.exclude(email=None)) == ["Ann"]


def test_excluding_and_combining(ann, bob, nobody):
    assert names(Person.objects.exclude(email="ann@example.com")) == ["Bob", "Nobody"]
    assert names(Person.objects.exclude(email__in=["ann@example.com"])) == ["Bob", "Nobody"]
    either = Q(email="ann@example.com") | Q(name="Nobody")
    assert names(Person.objects.filter(either)) == ["Ann", "Nobody"]
    assert names(Person.objects.filter(~either)) == ["Bob"]
    assert names(Person.objects.filter(Q(email="bob@example.com") & Q(name="Bob"))) == ["Bob"]
    assert Person.objects.filter(email="ann@example.com", name="Bob").count() == 0
    assert Person.objects.filter(email="ann@example.com").exists()
    assert Person.objects.get(email="bob@example.com") == bob


def test_across_foreign_keys(ann, bob, nobody):
    assert names(Person.objects.filter(boss__email="ANN@example.com")) == ["Bob"]
    assert names(Person.objects.filter(boss__email__in=["ann@example.com"])) == ["Bob"]
    assert names(Person.objects.filter(person__email="bob@example.com")) == ["Ann"]
    assert names(Person.objects.exclude(boss__email="ann@example.com")) == ["Ann", "Nobody"]
    assert names(Person.objects.filter(boss__email__isnull=True)) == ["Ann", "Nobody"]
    subordinates = Person.objects.filter(boss=OuterRef("pk"), email="bob@example.com")
    assert names(Person.objects.filter(Exists(subordinates))) == ["Ann"]
    assert names(Person.objects.filter(pk__in=Person.objects.filter(email="ann@example.com"))) == [
        "Ann"
    ]


def test_an_aliased_column_is_still_the_column(ann, bob):
    assert names(Person.objects.alias(address=F("email")).filter(address="ann@example.com")) == [
        "Ann"
    ]
    sealed = Person.objects.annotate(address=F("email")).get(name="Ann").address
    assert sealed.open(ann.pk) == "ann@example.com"


def test_the_database_uses_the_index(ann):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # It would scan so small a table.
    for query in (
        Person.objects.filter(email="ann@example.com"),
        Person.objects.filter(email__in=["a@example.com", "b@example.com"]),
        Person.objects.filter(boss__email="ann@example.com"),
    ):
        plan = query.explain()
        assert "email_index" in plan
        assert "SEARCH" in plan or "Index" in plan


def test_a_query_never_holds_the_value(ann):
    query = Person.objects.filter(email="ann@example.com", phone__in=["+4930123456"])
    with CaptureQueriesContext(
        connection,
    ) as caught:
        list(query)
    for text in (str(query.query), repr(query.query.where), caught[0]["sql"]):
        assert "ann@example" not in text
        assert "4930123456" not in text


def test_while_index_keys_rotate_both_are_asked(use_ring):
    seal, old, new = new_key("seal"), new_key("index"), new_key("index")
    use_ring(seal, old)
    Person.objects.create(name="Ann", email="ann@example.com")
    former = type(old)(old.id, "index", "decrypt-only", old.created, old.material)
    use_ring(seal, former, new)
    Person.objects.create(name="Bob", email="bob@example.com")
    assert names(Person.objects.filter(email="ann@example.com")) == ["Ann"]
    assert names(Person.objects.filter(email__in=["ann@example.com", "bob@example.com"])) == [
        "Ann",
        "Bob",
    ]
    assert names(Person.objects.exclude(email="ann@example.com")) == ["Bob"]
    use_ring(seal, new)
    assert names(Person.objects.filter(email="ann@example.com")) == []


REFUSED_LOOKUPS = [
    "iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith",
    "gt", "gte", "lt", "lte", "range", "regex", "iregex", "year", "length", "lower", "nonsense",
]  # fmt: skip


@pytest.mark.parametrize("lookup", REFUSED_LOOKUPS)
@pytest.mark.parametrize("path", ["email", "born", "notes", "boss__email"])
def test_every_other_lookup_is_refused_in_words(lookup, path):
    with pytest.raises(FieldError, match=r"stored sealed.*exact, in or isnull"):
        Person.objects.filter(**{f"{path}__{lookup}": "x"})
    with pytest.raises(FieldError, match="stored sealed"):
        Person.objects.exclude(**{f"{path}__{lookup}": "x"})


def test_a_transform_is_refused_before_a_lookup():
    with pytest.raises(FieldError, match="cannot compute `lower`"):
        Person.objects.filter(email__lower__exact="x")


@pytest.mark.parametrize(
    "value",
    [F("name"), F("boss__email"), Lower(Value("x")), Value("x"), OuterRef("name")],
    ids=["column", "other sealed column", "function", "value", "outer"],
)
def test_a_value_is_compared_with_values_only(ann, value):
    with pytest.raises(FieldError, match="with values, not with"):
        Person.objects.filter(email=value)
    with pytest.raises(FieldError, match="with values, not with"):
        Person.objects.filter(email__in=[value])


def test_subqueries_of_sealed_columns_are_refused(ann):
    for lookup in ("email", "email__in"):
        for value in (Person.objects.values("email"), Subquery(Person.objects.values("email"))):
            with pytest.raises(FieldError, match="subqueries"):
                Person.objects.filter(**{lookup: value})
    for text in ("ann@example.com", b"ann"):
        with pytest.raises(FieldError, match="takes a list"):
            Person.objects.filter(email__in=text)


def test_a_plain_column_is_not_compared_with_a_sealed_one(ann):
    for condition in (Q(name=F("email")), Q(name__in=[F("email")]), Q(pk__in=[F("boss__email")])):
        with pytest.raises(FieldError, match="cannot compute"):
            Person.objects.filter(condition)


def test_what_cannot_match_says_so(ann):
    for value in ("", "   "):
        with pytest.raises(FieldError):
            Person.objects.filter(email=value)
        with pytest.raises(FieldError):
            Person.objects.filter(email__in=["a@example.com", value])
    with pytest.raises(FieldError, match="__isnull=True"):
        Person.objects.get_or_create(email="")
    with pytest.raises(FieldError, match=r"has no blind index.*BlindIndexField"):
        Person.objects.filter(notes="x")
    with pytest.raises(FieldError, match="has no blind index"):
        Everything.objects.filter(number__in=[1])
    with pytest.raises(FieldError, match="has no blind index"):
        Person.history.filter(email="ann@example.com")


COMPUTATIONS = [
    Lower("email"),
    Upper("boss__email"),
    Length("notes"),
    Coalesce("email", Value("x")),
    Concat("name", "email"),
    Max("email"),
    Min("born"),
    Count("email", distinct=True),
    TruncYear("born"),
    Case(When(email__isnull=True, then=Value("none")), default=F("email")),
]


@pytest.mark.parametrize("expression", COMPUTATIONS, ids=[repr(e) for e in COMPUTATIONS])
def test_the_database_computes_nothing_from_a_sealed_column(ann, expression):
    for method in (Person.objects.annotate, Person.objects.alias):
        with pytest.raises(FieldError, match=r"cannot compute|stored sealed"):
            method(computed=expression)
    if isinstance(expression, models.Aggregate):
        with pytest.raises(FieldError, match="cannot compute"):
            Person.objects.aggregate(expression)
        with pytest.raises(FieldError, match="cannot compute"):
            Person.objects.aggregate(computed=expression)


def test_what_needs_no_value_can_be_computed(ann, bob, nobody):
    assert Person.objects.aggregate(Count("email"), n=Count("id")) == {"email__count": 2, "n": 3}
    flagged = Person.objects.annotate(
        has=Case(When(email__isnull=False, then=Value(1)), default=Value(0)),
        ann=Case(When(email="ann@example.com", then=Value(1)), default=Value(0)),
    )
    assert sorted(flagged.values_list("name", "has", "ann")) == [
        ("Ann", 1, 1),
        ("Bob", 1, 0),
        ("Nobody", 0, 0),
    ]
    staff = Person.objects.annotate(staff=Count("person")).get(name="Ann")
    assert staff.staff == 1
    by_name = Person.objects.values("name").annotate(n=Count("id")).order_by("name")
    assert [(row["name"], row["n"]) for row in by_name] == [("Ann", 1), ("Bob", 1), ("Nobody", 1)]
    with pytest.raises(TypeError):
        Person.objects.aggregate("email")
    with pytest.raises(FieldError):
        Person.objects.annotate(
            bosses_mail=Subquery(Person.objects.filter(email__gt="a").values("email"))
        )


def test_grouping_by_a_sealed_column_is_refused(ann):
    with pytest.raises(FieldError, match="cannot compute"):
        Person.objects.values("email").annotate(n=Count("id"))


@pytest.mark.parametrize(
    "term", ["email", "-email", "boss__email", F("email"), F("email").desc(), F("boss__born").asc(nulls_last=True)],
    ids=str,
)  # fmt: skip
def test_there_is_no_order_by_a_sealed_column(term):
    for ordered in (Person.objects.order_by, Person.objects.latest, Person.objects.earliest):
        with pytest.raises(FieldError, match="has no order"):
            ordered("name", term)


def test_ordering_by_anything_else_works(ann, bob):
    assert list(Person.objects.order_by("-name", "pk")) == [bob, ann]
    assert list(Person.objects.order_by("boss__name", F("name"), Lower("name"), "?")) != []
    assert Person.objects.latest("name") == bob
    assert Person.objects.earliest("name") == ann
    with pytest.raises(FieldError, match="Cannot resolve"):
        Person.objects.order_by("nonsense")
    with pytest.raises(FieldError):
        Person.objects.order_by("email_index__nonsense__x").first()
    if connection.features.can_distinct_on_fields:
        assert Person.objects.distinct("name").count() == 2
    assert Person.objects.distinct().count() == 2
    with pytest.raises(FieldError, match="has no order"):
        Person.objects.distinct("email")


def test_dates_of_a_sealed_column_are_refused():
    with pytest.raises(FieldError):
        Person.objects.dates("born", "year")


def test_a_lookup_needs_the_column_itself():
    with pytest.raises(FieldError, match="only in its own column"):
        BlindExact(Value("x"), "x")


def test_a_relation_that_filters_itself_is_not_filtered_for_ever(ann, bob):
    assert names(ann.person_set.filter(email="bob@example.com")) == ["Bob"]
    assert names(ann.person_set.all()) == ["Bob"]
