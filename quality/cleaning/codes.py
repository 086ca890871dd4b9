"""Words for gender, kind of customer and language, in several languages, to our codes."""

from __future__ import annotations

import gettext
from functools import lru_cache

import pycountry

from quality.cleaning.folding import fold_name
from quality.cleaning.outcome import EMPTY, Outcome, doubtful, kept
from quality.cleaning.text import plain
from quality.cleaning.vocabulary import terms

_GENDERS = {
    "female": terms(
        "female | f | w | woman | girl | 女 | 女性 | 女士 | weiblich | frau | femme | feminin"
        "| femenino | mujer | femminile | donna | feminino | mulher | vrouw | kvinna | kobieta"
        "| mrs | ms | miss | mme | mlle | madame | sra | senora | signora | fraulein | fru"
        "| 小姐 | 太太"
        "| женский | женщина | ж | жен | kadin | bayan | 여 | 여성 | 여자 | انثى | أنثى | امرأة"
    ),
    "male": terms(
        "male | m | man | boy | 男 | 男性 | 男士 | 先生 | mannlich | herr | homme"
        "| mr | mister | monsieur | sr | senor | signor"
        "| masculin | masculino"
        "| hombre | maschile | uomo | homem | mannelijk | mannen | mezczyzna | мужской | мужчина"
        "| м | муж | erkek | bay | 남 | 남성 | 남자 | ذكر | رجل"
    ),
    "other": terms(
        "other | x | d | divers | diverse | non-binary | nonbinary | non binary | 其他 | другой"
        "| otro | autre | altro | outro | その他"
    ),
}
_KINDS = {
    "person": terms(
        "person | individual | private | privat | privatperson | b2c | consumer | human | 个人"
        "| 個人 | 自然人 | particulier | particular | persona | persona fisica"
        "| физлицо | физическое лицо"
    ),
    "organisation": terms(
        "organisation | organization | company | business | firm | firma | corporate | b2b | 公司"
        "| 企业 | 企業 | 单位 | 法人 | 机构 | unternehmen | entreprise | societe"
        "| empresa | azienda"
        "| societa | bedrijf | юрлицо | юридическое лицо | organisation/company"
        "| legal entity | org"
    ),
}
_LANGUAGES = {
    "zh": "chinese | 中文 | 汉语 | 漢語 | mandarin | 普通话 | 国语 | 简体中文 | 繁體中文"
    "| 简体 | 繁體 | chinesisch | cn",
    "en": "english | englisch | anglais | ingles | inglese | 英语 | 英文 | 英語",
    "de": "german | deutsch | allemand | aleman | tedesco | 德语",
    "fr": "french | francais | franzosisch | frances | francese | 法语",
    "es": "spanish | espanol | castellano | spanisch | espagnol | spagnolo | 西班牙语",
    "it": "italian | italiano | italienisch | italien | 意大利语",
    "pt": "portuguese | portugues | portugiesisch | portugais | 葡萄牙语",
    "ru": "russian | русский | russisch | russe | ruso | russo | 俄语",
    "ja": "japanese | 日本語 | 日语 | japanisch | japonais | japones",
    "ko": "korean | 한국어 | 韩语 | koreanisch",
    "ar": "arabic | العربية | arabisch | arabe",
    "tr": "turkish | turkce | turkisch",
    "nl": "dutch | nederlands | niederlandisch",
    "el": "greek | ελληνικά | griechisch | grec | griego | greco",
    "sv": "swedish | svenska | schwedisch | suédois | sueco | svedese",
    "da": "danish | dansk | dänisch",
    "no": "norwegian | norsk | norwegisch",
    "fi": "finnish | suomi | finnisch",
    "cs": "czech | čeština | tschechisch",
    "hu": "hungarian | magyar | ungarisch",
    "ro": "romanian | română | rumänisch",
    "uk": "ukrainian | українська | ukrainisch",
    "he": "hebrew | עברית | hebräisch",
    "hi": "hindi | हिन्दी",
    "th": "thai | ไทย",
    "vi": "vietnamese | tiếng việt | 越南语",
    "pl": "polish | polski | polnisch",
}
_CATALOGUES = ("de", "es", "fr", "it", "ja", "nl", "pt", "ru", "tr", "zh_CN")


def _by_word(codes: dict[str, frozenset[str]]) -> dict[str, str]:
    return {fold_name(word): code for code, words in codes.items() for word in words}


_GENDER_BY_WORD = _by_word(_GENDERS)
_KIND_BY_WORD = _by_word(_KINDS)


def gender_letter(text: str) -> str | None:
    """The folded single letter of a cell, as evidence of what letters a column uses."""
    folded = fold_name(text).rstrip(".")
    return folded if len(folded) == 1 else None


def clean_gender(text: str, *, letters: frozenset[str] = frozenset()) -> Outcome:
    """female, male or other.

    `letters` are the single letters the column uses: where H stands for men, a lone M may be a
    Spanish woman (mujer) and nothing is decided.
    """
    folded = fold_name(text).rstrip(".")
    if not folded:
        return EMPTY
    code = _GENDER_BY_WORD.get(folded)
    if folded == "h" and "f" in letters:
        code = "male"
    if folded == "m" and letters & {"h", "v"} and "f" not in letters:
        code = None
    return _coded(text, code, "gender")


def clean_kind(text: str) -> Outcome:
    """person or organisation."""
    folded = fold_name(text)
    return _coded(text, _KIND_BY_WORD.get(folded), "kind") if folded else EMPTY


def clean_language(text: str) -> Outcome:
    """The ISO 639-1 code, with the region where one was given (`pt-BR`)."""
    bare = plain(text)
    return _coded(text, language_of(bare), "language") if bare else EMPTY


def language_of(text: str) -> str | None:
    """The code of a language's code or name, None when it is not known."""
    tag = text.replace("_", "-").split("-")
    if is_language(tag[0].lower()) and len(tag) <= 3:
        rest = [part.upper() if len(part) == 2 else part.title() for part in tag[1:]]
        return "-".join([tag[0].lower(), *rest]) if all(map(str.isalnum, rest)) else None
    return _language_names().get(fold_name(text))


def is_language(code: str) -> bool:
    """Whether `code` begins with an ISO 639-1 code in small letters."""
    return code.split("-")[0] in _language_codes()


def _coded(text: str, code: str | None, field: str) -> Outcome:
    if code is None:
        return doubtful(plain(text), f"{field}_unknown")
    return kept(code, f"{field}_code" if code != text else "")


@lru_cache(maxsize=1)
def _language_codes() -> frozenset[str]:
    return frozenset(
        language.alpha_2 for language in pycountry.languages if hasattr(language, "alpha_2")
    )


@lru_cache(maxsize=1)
def _language_names() -> dict[str, str]:
    found: dict[str, str] = {}
    codes = [language for language in pycountry.languages if hasattr(language, "alpha_2")]
    for catalogue in _CATALOGUES:
        try:
            names = gettext.translation("iso639-3", pycountry.LOCALES_DIR, [catalogue])
        except OSError:
            continue
        for language in codes:
            found.setdefault(fold_name(names.gettext(language.name)), language.alpha_2)
    for language in codes:
        found[fold_name(language.name)] = language.alpha_2
        found[language.alpha_3] = language.alpha_2
    for code, words in _LANGUAGES.items():
        found.update({fold_name(word): code for word in terms(words)})
    return found
