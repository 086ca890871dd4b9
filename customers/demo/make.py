"""Makes demo customers, many or few, and gives others something to show."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from audit.context import acting, current
from customers.demo.people import BLOCK, SOURCES, DemoCustomer, Maker, Standing
from customers.demo.write import Life, Written, chosen
from customers.models import Customer, Source, SourceRecord
from customers.models.choices import Stage
from customers.models.sources import identity_of_external_id
from jobs.sharing import SharedLock, few_collections
from staff.models import Team, User
from staff.roles import Role
from staff.services import create_staff

# Held together by one transaction: with all that belongs to them about 50 ms of the lock.
AT_ONCE = 6 * BLOCK
REASON = "demo data"
# The source of the demo file that the first `make run` imports.
DEMO_SOURCES = ("Demo", *SOURCES)
COLLEAGUES = (
    ("lena.hoffmann", "Lena", "Hoffmann", Role.SALES, "Demo sales"),
    ("tom.baker", "Tom", "Baker", Role.SALES, "Demo sales"),
    ("li.na", "Li Na", "", Role.SALES, "Demo sales"),
    ("sofia.romero", "Sofía", "Romero", Role.SERVICE, "Demo service"),
    ("yuki.mori", "Yuki", "Mori", Role.SERVICE, "Demo service"),
    ("ada.stern", "Ada", "Stern", Role.DATA_STEWARD, "Demo service"),
)

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Made:
    customers: int = 0
    there_already: int = 0
    contact_points: int = 0
    interactions: int = 0
    follow_ups: int = 0

    def add(self, life: Life) -> None:
        self.contact_points += len(life.points)
        self.interactions += len(life.talks)
        self.follow_ups += len(life.promises)


def has_real_customers() -> bool:
    """Whether anybody here, the bin included, came in otherwise than as demo data."""
    demo = Source.objects.filter(name__in=DEMO_SOURCES).values_list("pk", flat=True)
    return Customer.with_bin.exclude(source__in=list(demo)).exists() or (
        Customer.with_bin.filter(source__isnull=True).exists()
    )


def make_customers(
    *,
    actor: User,
    wanted: int,
    seed: int,
    today: date,
    staff: Sequence[User] = (),
    progress: Progress | None = None,
    dry_run: bool = False,
) -> Made:
    """The first `wanted` customers of this seed; those that are here already stay as they are.

    Of `staff` some own customers and talked with them. Memory does not grow with `wanted`.
    """
    made = Made()
    maker = Maker(seed, today)
    lock = SharedLock()
    with acting(actor=actor, door=current().door, reason=REASON), few_collections():
        sources = {} if dry_run else _sources()
        for start in range(0, wanted, AT_ONCE):
            people = [maker.one(number) for number in range(start, min(start + AT_ONCE, wanted))]
            known = _known(people, sources)
            new = [one for one in people if one.number not in known]
            made.there_already += len(people) - len(new)
            made.customers += len(new)
            if dry_run:
                _count(made, new)
            elif new:
                written = Written(new, sources=sources, staff=staff or [actor], known=known)
                lock.wait()
                with lock:
                    written.write()
                made.add(written.life)
            if progress:
                progress(min(start + AT_ONCE, wanted), wanted)
    return made


def enliven(
    *, actor: User, customers: Iterable[Customer], staff: Sequence[User], today: date, seed: int = 1
) -> Made:
    """What a desk would have done with customers that came in with an import: stage, owner and
    tags, interactions, follow-ups and contact points. Where somebody decided before, that stays."""
    made, maker = Made(), Maker(seed, today)
    for some in _portions(customers):
        life = Life(staff)
        for customer in some:
            _decide(customer, maker.standing_of(customer.number, customer.kind), staff)
            talks = maker.talk_with(customer.number, customer.language or _spoken(customer))
            life.add_talks(customer.pk, customer.owner_id, talks)
            for point in maker.points_of(customer.number, customer.country):
                life.add_point(customer.pk, point, maker.now)
        with (
            acting(actor=actor, door=current().door, reason=REASON),
            transaction.atomic(),
        ):
            Customer.objects.audited_update(some, ["stage", "owner", "tags"])
            life.insert()
        made.customers += len(some)
        made.add(life)
    return made


def _decide(customer: Customer, standing: Standing, staff: Sequence[User]) -> None:
    if standing.stage and customer.stage == Stage.LEAD:
        customer.stage = standing.stage
    if standing.owner is not None and customer.owner_id is None and staff:
        customer.owner_id = chosen(staff, standing.owner).pk
    if standing.tags and not customer.tags:
        customer.tags = standing.tags


def hire_colleagues(*, actor: User) -> list[User]:
    """Six colleagues in two teams. Nobody can sign in as one before an administrator gives them
    a password."""
    hired = []
    for username, first, last, role, team_name in COLLEAGUES:
        user = User.objects.filter(username=username).first()
        if user is None:
            team, _new = Team.objects.get_or_create(name=team_name)
            user, _password = create_staff(
                actor=actor, username=username, roles=[role], first_name=first, last_name=last,
                email=f"{username}@example.com", team=team,
            )  # fmt: skip
        hired.append(user)
    return hired


def staff_who_sell() -> list[User]:
    """Active staff whose work is with customers; anybody active where nobody's is."""
    active = User.objects.filter(is_active=True, is_staff=True).order_by("username")
    workers = active.filter(groups__name__in=[Role.SALES, Role.SERVICE]).distinct()
    return list(workers) or list(active)


def _sources() -> dict[str, UUID]:
    return {
        name: Source.objects.get_or_create(name=name, defaults={"description": "make_demo"})[0].pk
        for name in SOURCES
    }


def _known(people: Iterable[DemoCustomer], sources: dict[str, UUID]) -> dict[int, UUID]:
    """The keys of those that are here already, by their numbers."""
    if not sources:
        return {}
    numbers = {
        identity_of_external_id(sources[one.source], one.external_id): one.number for one in people
    }
    found = SourceRecord.objects.filter(source__in=sources.values(), identity__in=numbers)
    pairs = found.values_list("identity", "customer_id")
    return {numbers[bytes(identity)]: customer for identity, customer in pairs}


def _count(made: Made, people: Iterable[DemoCustomer]) -> None:
    for one in people:
        made.contact_points += len(one.points)
        made.interactions += len(one.talks)
        made.follow_ups += sum(1 for talk in one.talks if talk.promised)


def _portions(customers: Iterable[Customer]) -> Iterator[list[Customer]]:
    portion: list[Customer] = []
    for customer in customers:
        portion.append(customer)
        if len(portion) == AT_ONCE:
            yield portion
            portion = []
    if portion:
        yield portion


def _spoken(customer: Customer) -> str:
    return {"CN": "zh", "DE": "de", "FR": "fr", "ES": "es", "IT": "it"}.get(customer.country, "en")
