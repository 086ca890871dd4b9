"""National ID numbers: recognised, checked where their type is certain, kept where it is not.

A number is emptied only when we know what it should be and it cannot be that: its type was said
in the file, or it has the full form of a Chinese resident ID. A shape alone (nine digits, a
letter in front) proves no type: a German tax number and an 11-digit member number look alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from operator import mul
from typing import Literal, NamedTuple

from stdnum import luhn
from stdnum.be import nn as be_nn
from stdnum.br import cpf as br_cpf
from stdnum.de import idnr as de_idnr
from stdnum.dk import cpr as dk_cpr
from stdnum.es import dni as es_dni
from stdnum.es import nie as es_nie
from stdnum.fi import hetu as fi_hetu
from stdnum.fr import nir as fr_nir
from stdnum.it import codicefiscale as it_cf
from stdnum.kr import rrn as kr_rrn
from stdnum.nl import bsn as nl_bsn
from stdnum.pl import pesel as pl_pesel
from stdnum.se import personnummer as se_pn
from stdnum.tr import tckimlik as tr_tck

from quality.cleaning.outcome import EMPTY, Outcome, impossible, kept
from quality.cleaning.text import plain

CN_RESIDENT_ID = "cn_resident_id"

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_RESIDENT = re.compile(r"[1-9][0-9]{16}[0-9Xx]")
# What a spreadsheet makes of a long number; its last digits are gone for good.
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+?\d{2}", re.IGNORECASE)
# The same, sure even where a code may have an E in it (`1E10`).
_ROUNDED = re.compile(r"\d[.,]\d+E\+\d{2,3}", re.IGNORECASE)
_PROVINCES = {
    "11": "北京市", "12": "天津市", "13": "河北省", "14": "山西省", "15": "内蒙古自治区",
    "21": "辽宁省", "22": "吉林省", "23": "黑龙江省", "31": "上海市", "32": "江苏省",
    "33": "浙江省", "34": "安徽省", "35": "福建省", "36": "江西省", "37": "山东省",
    "41": "河南省", "42": "湖北省", "43": "湖南省", "44": "广东省", "45": "广西壮族自治区",
    "46": "海南省", "50": "重庆市", "51": "四川省", "52": "贵州省", "53": "云南省",
    "54": "西藏自治区", "61": "陕西省", "62": "甘肃省", "63": "青海省", "64": "宁夏回族自治区",
    "65": "新疆维吾尔自治区", "71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区",
    "83": "台湾居民居住证", "91": "外国人永久居留",
}  # fmt: skip

Check = Callable[[str], bool]


class ResidentFacts(NamedTuple):
    """What a valid Chinese resident ID says about its holder."""

    region: str
    birth_date: date
    gender: Literal["female", "male"]


def _is_ssn(number: str) -> bool:
    """Nine digits: these numbers have no check digit, and tax numbers (9xx) pass for them."""
    return re.fullmatch(r"\d{3}[- ]?\d{2}[- ]?\d{4}", number) is not None


def _is_nir(number: str) -> bool:
    """With its two-digit key the number must fit it; many files leave the key out."""
    compact = re.sub(r"[ .-]", "", number)
    return re.fullmatch(r"[1-478]\d{12}", compact) is not None or fr_nir.is_valid(compact)


# Type -> its check. The customers app offers these types; a number of another type is unchecked.
ID_CHECKS: dict[str, Check] = {
    CN_RESIDENT_ID: lambda number: resident_id_facts(number) is not None,
    "us_ssn": _is_ssn,
    "es_dni": es_dni.is_valid,
    "es_nie": es_nie.is_valid,
    "fr_nir": _is_nir,
    "de_idnr": de_idnr.is_valid,
    "it_codice_fiscale": it_cf.is_valid,
    "nl_bsn": nl_bsn.is_valid,
    "be_nn": be_nn.is_valid,
    "pl_pesel": pl_pesel.is_valid,
    "se_personnummer": se_pn.is_valid,
    "dk_cpr": dk_cpr.is_valid,
    "fi_hetu": fi_hetu.is_valid,
    "br_cpf": br_cpf.is_valid,
    "tr_tckn": tr_tck.is_valid,
    "kr_rrn": kr_rrn.is_valid,
    "ca_sin": lambda number: len(number) == 9 and luhn.is_valid(number),
}
_TYPE_NAMES = {
    CN_RESIDENT_ID: "resident id|resident identity card|chinese resident id|居民身份证|身份证"
    "|身份证号|二代身份证|cn id|cn_id|shenfenzheng",
    "us_ssn": "ssn|social security number|social security",
    "es_dni": "dni|nif",
    "es_nie": "nie",
    "fr_nir": "nir|insee|numéro de sécurité sociale",
    "de_idnr": "steuer-id|steueridentifikationsnummer|idnr|steuer-idnr",
    "it_codice_fiscale": "codice fiscale",
    "nl_bsn": "bsn|burgerservicenummer",
    "be_nn": "rijksregisternummer|numéro national",
    "pl_pesel": "pesel",
    "se_personnummer": "personnummer",
    "dk_cpr": "cpr|cpr-nummer",
    "fi_hetu": "hetu|henkilötunnus",
    "br_cpf": "cpf",
    "tr_tckn": "tckn|tc kimlik no|t.c. kimlik no",
    "kr_rrn": "rrn|주민등록번호",
    "ca_sin": "sin",
    "passport": "passport|passport number|reisepass|passeport|pasaporte|护照|護照|パスポート"
    "|паспорт",
}
_TYPES_BY_NAME = {
    name: kind for kind, names in _TYPE_NAMES.items() for name in [kind, *names.split("|")]
}


def id_type_of(text: str) -> str | None:
    """The type a person named (`身份证`, `DNI`), as its code; None when it is not one of ours."""
    return _TYPES_BY_NAME.get(plain(text).casefold())


def resident_id_facts(number: str) -> ResidentFacts | None:
    """Region, birth date and sex of a valid 18-digit Chinese resident ID, else None.

    The county code is not compared with the years in which it existed: the number was given
    where its holder was registered, often long after the birth it begins with.
    """
    if len(number) != 18:
        number = number.replace(" ", "")
    if not _RESIDENT.fullmatch(number):
        return None
    region = _PROVINCES.get(number[:2])
    total = sum(map(mul, map(int, number[:17]), _WEIGHTS))
    if region is None or _CHECK[total % 11] != number[17].upper():
        return None
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return ResidentFacts(region, born, "male" if int(number[16]) % 2 else "female")


def recognised_type(number: str) -> str | None:
    """The type a number proves by itself; only a valid Chinese resident ID does."""
    return CN_RESIDENT_ID if resident_id_facts(number) else None


def has_resident_form(number: str) -> bool:
    """Whether a number can only be meant as a Chinese resident ID: 18 places, province, date."""
    if not _RESIDENT.fullmatch(number) or number[:2] not in _PROVINCES:
        return False
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    return 1890 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= 31


def national_id_problem(number: str, kind: str | None, country: str | None = None) -> str | None:
    """Why the number cannot be right: the name of a rule, or None (right or not checkable).

    `kind` is a code of `ID_CHECKS` or None when nobody said; `country` is that of the person.
    """
    bare = plain(number)
    if _SCIENTIFIC.fullmatch(bare):
        return "id_number_lost_digits"
    if kind in ID_CHECKS:
        if kind == CN_RESIDENT_ID and re.fullmatch(r"\d{15}", bare):
            return None  # the form issued before 1999 carries no check digit
        return None if _passes(ID_CHECKS[kind], bare) else "id_number_checksum"
    compact = bare.replace(" ", "").upper()
    certain = kind is None and country in {None, "CN"} and has_resident_form(compact)
    if certain and resident_id_facts(compact) is None:
        return "id_number_checksum"
    return None


def _passes(check: Check, number: str) -> bool:
    try:
        return check(number)
    except (ValueError, LookupError, ArithmeticError, UnicodeError):
        return False


def clean_code(text: str) -> Outcome:
    """A postal code or the number of a customer elsewhere: as it is, unless its digits are lost."""
    return impossible("id_number_lost_digits") if _ROUNDED.fullmatch(plain(text)) else kept(text)


def clean_national_id(text: str, *, kind: str | None = None, country: str | None = None) -> Outcome:
    """The number as written but for noise; a Chinese resident ID without spaces, X in capitals."""
    number = plain(text)
    if not number:
        return EMPTY
    if problem := national_id_problem(number, kind, country):
        return impossible(problem)
    compact = number.replace(" ", "").upper()
    if resident_id_facts(compact):
        number = compact
    return kept(number, "id_number_form" if number != text else "")
