"""Recognising the columns of a customer file by their names, in the languages files come in.

Only whole names count, after folding case, accents, width, punctuation and words that add nothing
("customer e-mail", "E-Mail*", "电话（必填）"). A name that is not in the list stays unmapped: staff
map it by hand, and nothing is guessed from a part of a word.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from quality.header_names import NAMES

FIELDS: tuple[str, ...] = (
    "given_name",
    "family_name",
    "full_name",
    "organisation_name",
    "kind",
    "gender",
    "email",
    "further_email",
    "phone",
    "further_phone",
    "messenger",
    "birth_date",
    "national_id",
    "national_id_type",
    "street",
    "city",
    "region",
    "postal_code",
    "country",
    "language",
    "job_title",
    "preferred_channel",
    "stage",
    "tags",
    "employer",
    "owner",
    "last_confirmed_at",
    "notes",
    "external_id",
)
#: Several columns may fill one of these; their texts join with a space in file order.
JOINED = frozenset({"given_name", "family_name", "full_name", "street", "notes", "tags"})
#: Any number of columns may fill one of these, each a contact point of its own.
REPEATED = frozenset({"further_email", "further_phone", "messenger"})
#: What the second column of a field is that has room for one.
FURTHER = {"email": "further_email", "phone": "further_phone"}
_IDLE_WORDS = re.compile(r"^(?:the|your|customer|cust|client|contact|primary|main|kunden) ")
_NUMBER_WORDS = re.compile(r" (?:no|nr|num|nbr)$")
# "E-mail 2 Address" and "Phone 1 - Value", as address books write their columns.
_NUMBER_INSIDE = re.compile(r"(.+?) ([1-9][0-9]?) (address|adresse|number|value|name|title)")
_IDLE_CHINESE = re.compile(r"^(?:客户|顾客|会员|您的|主要)")


def fold(name: str) -> str:
    """A column name reduced to its words: folded case, accents, width and punctuation."""
    text = unicodedata.normalize("NFKC", name)
    text = re.sub(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】", " ", text)
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text).casefold()
    text = "".join(
        char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
    )
    return " ".join(re.findall(r"\w+", text.replace("_", " ")))


def _folded(names: str) -> frozenset[str]:
    return frozenset(map(fold, names.split("|")))


#: Several columns of these are numbered: the second is the rest of the first, not another one.
_NUMBERED = frozenset({"street", "notes", "tags"})
#: A whole name, but beside a column of given names the family name: `Name;Vorname`.
_NAME_ALONE = _folded("name|naam|namn|navn|nimi|név|שם|الاسم")
#: One part of a name, but all of it where no column holds the other part.
_PART_OR_WHOLE = _folded("nom|nome|nombre|nombres|名前|имя|名|이름|isim|prenume")

_FIELD_OF = {
    _NUMBER_WORDS.sub(" number", fold(name)): field
    for field, names in NAMES.items()
    for name in [field.replace("_", " "), *names.replace("\n", " ").split("|")]
    if name.strip()
}


#: The same in one word each: `WhatsApp` is two by its capitals, `whatsapp` is one.
_FIELD_OF_COMPACT = {name.replace(" ", ""): field for name, field in _FIELD_OF.items()}

#: Objects in JSON, and what the names in them mean: the name itself, but for those listed.
_GROUPS: tuple[tuple[frozenset[str], dict[str, str]], ...] = (
    (
        _folded(
            "customer|person|contact|user|profile|member|personal|details|data|attributes|客户"
        ),
        {},
    ),
    (
        _folded("name|names|person name|full name|姓名"),
        {"first": "first name", "last": "last name", "full": "full name", "middle": "middle name"}
        | {"given": "given name", "family": "family name", "display": "full name"},
    ),
    (
        _folded("address|addresses|location|postal address|home address|地址"),
        {"line 1": "street", "line1": "street", "line 2": "street", "line2": "street"}
        | {"formatted": "", "type": "", "name": "", "label": "", "id": ""},
    ),
    (_folded("email|emails|email addresses|e mails"), {"value": "email", "address": "email"}),
    (_folded("phone|phones|phone numbers|telephones"), {"value": "phone", "number": "phone"}),
    (_folded("company|organisation|organization|employer|公司"), {"name": "company"}),
)


def _without_group(name: str) -> str:
    """What the name of a value inside an object would be outside of it; '' when that is not sure.

    `addresses_2.city` is no city of ours: one address has room in a row, others stay unmapped.
    """
    *_outer, group, leaf = name.split(".")
    numbered = re.fullmatch(r"(.+)_([2-9]|1\d|20)", group)
    folded = fold(numbered[1] if numbered else group)
    for place, (groups, leaves) in enumerate(_GROUPS):
        if folded not in groups:
            continue
        plain = leaves.get(fold(leaf), "" if place >= _ONLY_LISTED else leaf)
        if numbered and plain in ("email", "phone"):
            return f"{plain} {numbered[2]}"
        return "" if numbered else plain
    return ""


#: From this group on only the listed names are sure: `company.city` is not the customer's.
_ONLY_LISTED = 3


@lru_cache(maxsize=4_096)
def recognise(name: str) -> str | None:
    """The field a column of this name holds, or None."""
    key = fold(name[:200])
    key = _NUMBER_WORDS.sub(" number", key)
    if inner := _NUMBER_INSIDE.fullmatch(key):
        kind = "" if inner[3] == "value" else f" {inner[3]}"
        key = f"{inner[1]}{kind} {inner[2]}"
    first, _space, place = key.rpartition(" ")
    for candidate in (key, _IDLE_WORDS.sub("", key), _IDLE_CHINESE.sub("", key)):
        if field := _FIELD_OF.get(candidate):
            return field
        if field := _FIELD_OF_COMPACT.get(candidate.replace(" ", "")):
            return field
    if "." in name and (plain := _without_group(name)):
        return recognise(plain)
    if field := _qualified(name):
        return field
    if re.fullmatch("[1-9][0-9]?", place) and (field := _FIELD_OF.get(first)):
        # "Mobile 1" is a phone and "Mobile 2" a further one, where "Address 2" is the rest of one.
        if place == "1" or field in _NUMBERED or field in REPEATED:
            return field
        return FURTHER.get(field)
    return None


def _qualified(name: str) -> str | None:
    """The field of a column that says which of several it holds: "Mailing City"."""
    from quality.qualified_names import QUALIFIABLE, qualified  # which folds names as we do

    _whose, rest = qualified(name)
    field = recognise(rest) if rest else None
    if field in QUALIFIABLE or field in FURTHER.values():
        return field
    return None


def _settle_titles(columns: Sequence[str], found: dict[str, str]) -> None:
    """`Title` beside a salutation is what somebody works as; alone it may be Mr or Dr."""
    words = {fold(column): column for column in columns}
    if "title" in words and "salutation" in words and "job_title" not in found.values():
        found[words["title"]] = "job_title"


def _settle_identifiers(found: dict[str, str]) -> None:
    """An order has a number of its own: the customer's is the one in the customer."""
    named = [column for column, field in found.items() if field == "external_id"]
    inside = [column for column in named if fold(column.rpartition(".")[0]) in _PEOPLE]
    for column in named if inside else ():
        if column != inside[0]:
            del found[column]


_PEOPLE = _folded("customer|person|contact|client|客户")


def _settle_names(found: dict[str, str]) -> None:
    """What a bare `Name` or `Nom` means depends on the columns beside it."""
    fields = list(found.values())
    family_missing = "given_name" in fields and "family_name" not in fields
    parts = {"given_name", "family_name"} & set(fields)
    lone = len(parts) == 1 and "full_name" not in fields
    for column, field in found.items():
        if field == "full_name" and family_missing and fold(column) in _NAME_ALONE:
            found[column] = "family_name"
        elif lone and {field} == parts and fields.count(field) == 1:
            found[column] = "full_name" if fold(column) in _PART_OR_WHOLE else field


def _settle_contacts(found: dict[str, str]) -> None:
    """One phone and one e-mail column is the customer's; the others hold further ones."""
    from quality.contact_columns import is_primary, messenger_of  # which folds names as we do
    from quality.qualified_names import qualified

    for field, further in FURTHER.items():
        columns = [column for column, one in found.items() if one == field]
        if not columns and field == "phone":
            # In WhatsApp one is known by one's phone number: where it is the only one, it is that.
            columns = [c for c, one in found.items() if one == "messenger"]
            columns = [column for column in columns if messenger_of(column) == "whatsapp"][:1]
        columns = columns or [column for column, one in found.items() if one == further][:1]
        if not columns:
            continue
        # The telephone in an address is often that of whoever lives there.
        plain = [column for column in columns if "address" not in qualified(column)[0]] or columns
        main = next(filter(is_primary, plain), plain[0])
        found |= dict.fromkeys(columns, further) | {main: field}


def recognise_columns(columns: Sequence[str]) -> dict[str, str]:
    """Fields of the columns that are recognised, each field once unless its texts can be joined
    or it may be repeated. Of several phone or e-mail columns the one named the main one, else the
    first, is the customer's; the others are further ones.

    A company beside a person's name is where that person works; without one it is the customer.
    `Name` beside `Vorname` is the family name, and `Nome` without `Cognome` the whole name.
    """
    from quality.qualified_names import one_address  # which folds names as we do

    found = {column: field for column in columns if (field := recognise(column))}
    found = one_address(found)
    _settle_titles(columns, found)
    _settle_identifiers(found)
    _settle_names(found)
    _settle_contacts(found)
    people = {"given_name", "family_name", "full_name"} & set(found.values())
    employers = "employer" in found.values()
    mapping: dict[str, str] = {}
    for column, field in found.items():
        # Where there is a column of employers too, one called as our field is is meant.
        if field == "organisation_name" and people and not (column == field and employers):
            field = "employer"
        if field in JOINED or field in REPEATED or field not in mapping.values():
            mapping[column] = field
    return {column: mapping[column] for column in columns if column in mapping}
