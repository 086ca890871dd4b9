"""Words people type when they have nothing to type: N/A, -, 无, test, NULL."""

from __future__ import annotations

import re

from quality.cleaning.vocabulary import terms

_MARKS = re.compile(r"[\s\-‐‑‒–—―_./\\?？*#,;:~=+|·•]+")
_ZEROS = re.compile(r"[0\s.\-/]*0[\s.\-/]*0[0\s.\-/]*")
_MISSING = terms(
    "n/a | #n/a | n.a. | n.a | n/d | null | (null) | <null> | [null] | nil | <none> | (none)"
    "| (blank) | (empty) | #null! | #value! | #ref! | #name? | #div/0! | undefined | no data"
    "| not available | not applicable | not provided | 无数据"
)
_MISSING_EXACT = frozenset(["NaN", "nan", "\\N"])
_UNKNOWN = terms(
    "none | unknown | test | test test | asdf | asdfasdf | asdfgh | asdfghjkl | asdf asdf"
    "| xxx | xxxx | xxxxx | tbd | tba | tbc | not known | dummy | no email"
    "| no e-mail | no phone | not given | to be confirmed | unspecified"
    "| 无 | 無 | 暂无 | 暫無 | 未知 | 没有 | 沒有 | 不详 | 不詳 | 未填 | 未填写 | 未提供 | 空"
    "| 空白 | 待定 | 测试 | 測試 | なし | 不明 | 未設定 | 없음 | 미상 | 알 수 없음"
    "| unbekannt | keine | keine angabe | k.a. | k. a. | nicht bekannt | entfällt"
    "| inconnu | inconnue | non renseigné | néant | aucun | desconocido | desconocida"
    "| ninguno | ninguna | sin datos | no disponible | sconosciuto | nessuno | onbekend"
    "| desconhecido | nenhum | não informado | неизвестно | нет | нет данных | н/д"
    "| bilinmiyor | yok | لا يوجد | غير معروف | غير متوفر | okänd | nieznany | brak"
)
# Null, None, Test and Nan are also people's names: as a name they are a placeholder only in the
# way machines and hurried people write them.
_ALSO_NAMES = frozenset(["null", "none", "test", "nil", "nan", "dummy", "yok", "brak", "keine"])
_PERSON_FIELDS = frozenset(["given_name", "family_name", "full_name"])
_PROPER_NAMES = frozenset(["city", "region", "street", "employer", "organisation_name"])
_CODED_FIELDS = frozenset(
    [
        *("email", "further_email", "phone", "further_phone", "messenger", "birth_date"),
        *("last_confirmed_at", "national_id", "postal_code"),
    ]
)
_LABEL_FIELDS = frozenset(["tags", "stage", "preferred_channel", "kind", "gender", "language"])


def is_placeholder(text: str, field: str | None) -> bool:
    """Whether the whole cell stands for "nothing".

    `field` is the customer field of the column, None for a column that is not mapped: there
    only marks that mean "missing" in any table count, because "none" may be an answer.
    """
    if not text or len(text) > 24:
        return False
    if _MARKS.fullmatch(text) or (field in _CODED_FIELDS and _ZEROS.fullmatch(text)):
        return True
    word = text.casefold()
    if field in _PERSON_FIELDS and word in _ALSO_NAMES:
        return text.isupper() or (text.islower() and word in {"null", "none", "test"})
    if field in _PROPER_NAMES and word in _ALSO_NAMES and text.istitle():
        return False
    if word in _MISSING or text in _MISSING_EXACT:
        return True
    if word == "na":
        return field in _CODED_FIELDS or (field in {"street", "employer"} and text.isupper())
    if field is None or field == "external_id":
        return False
    if word in {"x", "xx"}:
        return field in _CODED_FIELDS or field in {"street", "city", "employer", "job_title"}
    if field in _LABEL_FIELDS:
        return False
    return word in _UNKNOWN
