"""What the name of a column says about the phone number, e-mail address or messenger in it.

Here a part of a word counts ("Büro-Telefon", 工作电话): the column is known already, and all
that is asked is which of several numbers it holds.
"""

import re
from functools import lru_cache

from quality.headers import fold

_MOBILE = re.compile(
    r"mobil|mobiel|mobilny|\bcell|cellul|celul|handy|portable|movil|telemovel|natel|smartphone|gsm|"
    r"matkapuhelin|komork|\bcep\b|κινητ|мобил|моб|сотов|נייד|جوال|موبايل|手机|手機|移动|移動|行動|"
    r"携帯|휴대|핸드폰|di dong|\bhp\b"
)
_WORK = re.compile(
    r"work|business|office|buro|buero|geschaft|dienst|firma|beruf|profession|\bbureau|bureau\b|"
    r"trabajo|oficina|lavoro|uffic|trabalho|escritor|werk|zakelijk|kantoor|arbete|arbeid|arbejd|"
    r"sluzb|рабоч|служеб|офис|工作|办公|辦公|单位|單位|公司|勤務|会社|직장|회사|\bjob\b|company"
)
_HOME = re.compile(
    r"\bhome|privat|prive|personal|personnel|domicil|maison|\bcasa|particular|thuis|hjem|koti|"
    r"domov|домаш|личн|家庭|住宅|宅|自宅|私人|个人|個人|자택|집"
)
_MESSENGERS = {
    "wechat": re.compile(r"we ?chat|weixin|微信|위챗"),
    "whatsapp": re.compile(r"whats ?app|واتس"),
    "telegram": re.compile(r"telegram|телеграм"),
    "signal": re.compile(r"\bsignal\b"),
    "line": re.compile(r"\bline\b|라인"),
    "viber": re.compile(r"viber|вайбер"),
    "teams": re.compile(r"\b(?:ms )?teams\b"),
}
_PRIMARY = re.compile(
    r"\b(?:primary|main|preferred|default|haupt\w*|principal\w*|1)\b|首选|主要|默认"
)
_NUMBERS = str.maketrans("①②③④⑤⑥⑦⑧⑨", "123456789")


def _words(column: str) -> str:
    """The folded name, and what stands in brackets with it: "Phone (work)"."""
    return fold(re.sub(r"[()\[\]【】（）]", " ", column[:200].translate(_NUMBERS)))


@lru_cache(maxsize=1_024)
def use_of(column: str) -> str:
    """ "mobile", "work" or "home" where the name of the column says so, else ''."""
    words = _words(column)
    for use, pattern in (("mobile", _MOBILE), ("work", _WORK), ("home", _HOME)):
        if pattern.search(words):
            return use
    return ""


@lru_cache(maxsize=1_024)
def messenger_of(column: str) -> str:
    """Which messenger the column names: "wechat", "whatsapp" …; '' when it names none."""
    words = _words(column)
    return next((name for name, known in _MESSENGERS.items() if known.search(words)), "")


def kind_columns(column: str) -> tuple[str, ...]:
    """Columns that may say what kind of number stands in this one: `phone_2_type` beside
    `phone_2`, "Phone 2 - Type" or "Phone 2 - Label" beside "Phone 2 - Value"."""
    beside = [f"{column}_type"]
    if _VALUE.search(column):
        beside += [_VALUE.sub(word, column) for word in ("Type", "Label", "type", "label")]
    return tuple(beside)


_VALUE = re.compile(r"(?:(?<=\.)(?:number|value|address)|value)$", re.IGNORECASE)


def is_primary(column: str) -> bool:
    """Whether the name of the column says that its number or address is the first to use."""
    return _PRIMARY.search(_words(column)) is not None
