"""One demo customer after the other, each from the seed and its own number alone.

So the same seed gives the same people, more of them begin with the same ones, and a run that was
killed goes on where it stopped. Dates follow `today`; a birth date does not.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Any

from django.utils import timezone

from customers.demo.names import FEMALE, MALE, WORDS, Name, people_of
from customers.demo.numbers import filled, identity_number, telephone
from customers.demo.places import COUNTRIES, Country, Place
from customers.demo.texts import Texts, texts_of
from customers.models.choices import (
    ContactKind,
    ContactUse,
    Direction,
    InteractionKind,
    Kind,
    Messenger,
    Stage,
)

# Every twelfth is an organisation, and the eleven after it may work there.
BLOCK = 12
SOURCES = ("Demo web shop", "Demo trade fair", "Demo newsletter", "Demo referrals")
DOMAINS = ("example.com", "example.org", "example.net")
TAGS = ("vip", "newsletter", "trade fair", "reseller", "press", "beta tester")
STAGES = (Stage.LEAD,) * 4 + (Stage.PROSPECT,) * 3 + (Stage.CUSTOMER,) * 4 + (Stage.FORMER,)
FIRST_BIRTH, BIRTH_DAYS = date(1940, 1, 1), 24_000
OLDEST_DAYS = 900
MESSENGERS = {
    "CN": Messenger.WECHAT, "TW": Messenger.LINE, "JP": Messenger.LINE, "RU": Messenger.TELEGRAM,
}  # fmt: skip
SHARES = list(accumulate(country.weight for country in COUNTRIES))


@dataclass(slots=True)
class Talk:
    """An interaction, and what was promised in it; `who` picks the member of staff."""

    kind: str
    direction: str
    when: datetime
    minutes: int | None
    text: str
    who: int
    promised: str = ""
    due: datetime | None = None
    done: bool = False


@dataclass(slots=True)
class Point:
    kind: str
    value: str
    use: str = ""
    messenger: str = ""
    verified: datetime | None = None


@dataclass(slots=True)
class Standing:
    """What the desk decided about a customer; `owner` picks the member of staff."""

    stage: str = ""
    owner: int | None = None
    tags: str = ""


@dataclass(slots=True)
class DemoCustomer:
    """`values` are fields of the customer; `owner` picks the member of staff, None for nobody."""

    number: int
    source: str
    values: dict[str, Any]
    # What the source calls it: by that a second run knows it again.
    external_id: str = ""
    owner: int | None = None
    # Number of the organisation this one works for.
    employer: int | None = None
    # How far the customer has come since it was first recorded: that is its history.
    stage_before: str = ""
    points: list[Point] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)


class Maker:
    """Makes the customers of one seed."""

    def __init__(self, seed: int, today: date) -> None:
        self.seed = seed
        self.zone = timezone.get_default_timezone()
        self.today = today
        # Before the day begins: whenever somebody looks, nothing lies in the future.
        self.now = datetime.combine(today, time(), tzinfo=self.zone)

    def one(self, number: int) -> DemoCustomer:
        chance = _chance(self.seed, number)
        country = _country_of(self.seed, number - number % BLOCK)
        if number % BLOCK == 0:
            made = self._organisation(number, country, chance)
        else:
            if chance.random() < 0.2:
                country = chance.choices(COUNTRIES, cum_weights=SHARES)[0]
            made = self._person(number, country, chance)
        made.external_id = f"{self.seed}-{number}"
        self._add_dates(made, chance)
        self._add_life(made, texts_of(country.language), chance)
        return made

    def _organisation(self, number: int, country: Country, chance: Random) -> DemoCustomer:
        place = chance.choice(country.places)
        values = self._address(country, place, chance) | {
            "kind": Kind.ORGANISATION.value,
            "organisation_name": _company(country, place, chance),
            "email": f"info@co{number // BLOCK}.{DOMAINS[number // BLOCK % 3]}",
            "phone": telephone(place.landline, number // BLOCK),
        }
        return DemoCustomer(number, chance.choice(SOURCES), values)

    def _person(self, number: int, country: Country, chance: Random) -> DemoCustomer:
        people = people_of(country.people)
        gender = chance.choice((FEMALE, MALE))
        name = people.name(gender, chance)
        place = chance.choice(country.places)
        born = FIRST_BIRTH + timedelta(days=chance.randrange(BIRTH_DAYS))
        made = DemoCustomer(number, chance.choice(SOURCES), self._address(country, place, chance))
        if country is _country_of(self.seed, number - number % BLOCK) and chance.random() < 0.6:
            made.employer = number - number % BLOCK
        values = made.values
        values |= {"given_name": name.given, "family_name": name.family}
        if chance.random() < 0.8:
            values["gender"] = gender
        if chance.random() < 0.85:
            values["email"] = _mailbox(name, number, made.employer)
        if chance.random() < 0.8:
            values["phone"] = telephone(chance.choice(country.mobiles), number)
        if chance.random() < 0.6:
            values["birth_date"] = born
            if chance.random() < 0.4:
                kind, identity = identity_number(
                    country.code, place.card, gender, born, (name.given, name.family), chance
                )
                values |= {"national_id_type": kind, "national_id": identity or None}
        if made.employer is not None:
            values["job_title"] = people.jobs.draw(chance)
        self._add_points(made, country, place, name, chance)
        return made

    def _address(self, country: Country, place: Place, chance: Random) -> dict[str, Any]:
        values: dict[str, Any] = {
            "city": place.city,
            "country": country.code,
            "language": country.language,
            "preferred_channel": chance.choice((*country.channels, "")),
        }
        if chance.random() < 0.7:
            values["street"] = country.street.format(
                street=chance.choice(country.streets), number=chance.randrange(1, 180)
            )
            values["postal_code"] = filled(place.postal, chance)
            values["region"] = place.region
        return values

    def _add_dates(self, made: DemoCustomer, chance: Random) -> None:
        # Newer ones are more: a desk grows.
        age = int(OLDEST_DAYS * chance.random() ** 2)
        values, created = made.values, self._moment(age, chance)
        values["created_at"] = created
        values["updated_at"] = created + (self.now - created) * chance.random()
        values["stage"] = chance.choice(STAGES).value
        if chance.random() < 0.3:
            tags = sorted(set(chance.choices(TAGS, k=chance.choice((1, 1, 2)))))
            values["tags"] = ", ".join(tags)
        if chance.random() < 0.5:
            values["last_confirmed_at"] = values["updated_at"]
        if chance.random() < 0.85:
            made.owner = chance.randrange(1 << 16)
        if values["stage"] != Stage.LEAD and chance.random() < 0.1:
            made.stage_before = Stage.LEAD.value

    def _add_points(
        self, made: DemoCustomer, country: Country, place: Place, name: Name, chance: Random
    ) -> None:
        if chance.random() < 0.15:
            private = f"{name.local or 'mail'}{made.number}@home.{chance.choice(DOMAINS)}"
            made.points.append(Point(ContactKind.EMAIL, private, ContactUse.HOME))
        if chance.random() < 0.12:
            line = telephone(place.landline, made.number + 7_000_000)
            made.points.append(Point(ContactKind.PHONE, line, ContactUse.WORK, verified=self.now))
        if "messenger" in country.channels and chance.random() < 0.4:
            app = MESSENGERS.get(country.code, Messenger.WHATSAPP)
            handle = f"{name.local.replace('.', '_') or 'user'}_{made.number}"
            made.points.append(Point(ContactKind.MESSENGER, handle, "", app))

    def _add_life(self, made: DemoCustomer, texts: Texts, chance: Random) -> None:
        if chance.random() < 0.2:
            made.values["notes"] = chance.choice(texts.about)
        age = (self.now - made.values["created_at"]).days
        for _talk in range(chance.choice((0, 0, 1, 1, 2, 4))):
            made.talks.append(self._talk(min(age, chance.randrange(400)), texts, chance))
        made.talks.sort(key=lambda talk: talk.when)

    def talk_with(self, key: str, language: str) -> list[Talk]:
        """Two or three interactions of a customer who came in otherwise, the last not long ago."""
        chance = _chance(self.seed, key)
        texts = texts_of(language)
        days = sorted(chance.sample(range(1, 120), 2), reverse=True)
        if chance.random() < 0.5:
            days.append(chance.randrange(3))
        return [self._talk(age, texts, chance) for age in days]

    def standing_of(self, key: str, kind: str) -> Standing:
        """How far a customer who came in otherwise has come since; some stay as they came."""
        chance = _chance(self.seed, f"standing of {key}")
        if chance.random() < (0.5 if kind == Kind.ORGANISATION else 0.15):
            return Standing()
        tags = chance.choices(TAGS, k=chance.choice((0, 0, 1, 1, 2)))
        return Standing(
            stage=chance.choice(STAGES).value,
            owner=chance.randrange(1 << 16) if chance.random() < 0.75 else None,
            tags=", ".join(sorted(set(tags))),
        )

    def points_of(self, key: str, country: str) -> list[Point]:
        """A further way to reach somebody who came in otherwise; for most there is none."""
        chance = _chance(self.seed, f"points of {key}")
        name = f"user_{key.removeprefix('C-').lstrip('0')}"
        if chance.random() < 0.25:
            return [Point(ContactKind.EMAIL, f"{name}@home.example.org", ContactUse.HOME)]
        if chance.random() < 0.2:
            return [Point(ContactKind.MESSENGER, name, "", MESSENGERS.get(country, "whatsapp"))]
        return []

    def _talk(self, age: int, texts: Texts, chance: Random) -> Talk:
        kind = chance.choice((InteractionKind.CALL,) * 3 + tuple(InteractionKind))
        direction = "" if kind == InteractionKind.NOTE else chance.choice(list(Direction)).value
        talk = Talk(
            kind=kind.value,
            direction=direction,
            when=self._moment(age, chance),
            minutes=chance.randrange(2, 40) if kind in ("call", "meeting") else None,
            text=chance.choice(getattr(texts, kind.value)),
            who=chance.randrange(1 << 16),
        )
        if chance.random() < 0.3:
            talk.promised = chance.choice(texts.promised)
            talk.due = self._due(talk.when, chance)
            talk.done = talk.due < self.now - timedelta(days=chance.randrange(1, 4))
        return talk

    def _due(self, when: datetime, chance: Random) -> datetime:
        day = max(when + timedelta(days=chance.randrange(1, 21)), when)
        if when > self.now - timedelta(days=40):
            day = self.now + timedelta(days=chance.randrange(-2, 15))
        return day.replace(hour=chance.randrange(8, 18), minute=chance.choice((0, 15, 30, 45)))

    def _moment(self, days_ago: int, chance: Random) -> datetime:
        """A working hour of that day, yesterday at the latest."""
        day = self.today - timedelta(days=max(days_ago, 1))
        at = time(chance.randrange(8, 18), chance.randrange(60))
        return datetime.combine(day, at, tzinfo=self.zone)


def _chance(seed: int, what: object) -> Random:
    """The same for the same seed and thing; nothing secret is drawn from it."""
    return Random(f"{seed}:{what}")  # noqa: S311


@lru_cache(maxsize=1024)
def _country_of(seed: int, block: int) -> Country:
    """The country most people of a block live in: that of its organisation."""
    return _chance(seed, f"block {block}").choices(COUNTRIES, cum_weights=SHARES)[0]


def _company(country: Country, place: Place, chance: Random) -> str:
    people = people_of(country.people)
    return chance.choice(country.companies).format(
        family=people.name(MALE, chance).family,
        other=people.name(MALE, chance).family,
        city=place.city,
        trade=chance.choice(country.trades),
        word=chance.choice(WORDS.get(country.people, ("",))),
    )


def _mailbox(name: Name, number: int, employer: int | None) -> str:
    """Only at domains that belong to nobody."""
    if employer is not None:
        company = employer // BLOCK
        return f"{name.local or 'user'}{number}@co{company}.{DOMAINS[company % 3]}"
    return f"{name.local or 'user'}{number}@{DOMAINS[number % 3]}"
