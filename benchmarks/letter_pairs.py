"""How well encodings are told apart, and the table of letter pairs they are told by.

    python benchmarks/letter_pairs.py            measures, on words the table was not made from
    python benchmarks/letter_pairs.py --make     prints quality/reading/letters.json

Words come from what is installed for the tests: the names, places and jobs of Faker, the country
names of pycountry and the messages of Django. One word in four is kept out of the table.
"""

from __future__ import annotations

import argparse
import gettext
import io
import json
import random
import re
import sys
import zlib
from collections import Counter
from functools import partial
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django
import faker
import pycountry

LOCALES = {
    "de": ["de_DE", "de_AT"], "fr": ["fr_FR"], "es": ["es_ES", "es_MX"], "it": ["it_IT"],
    "pt": ["pt_BR", "pt_PT"], "nl": ["nl_NL"], "sv": ["sv_SE"], "no": ["no_NO"], "da": ["da_DK"],
    "fi": ["fi_FI"], "is": ["is_IS"], "cs": ["cs_CZ"], "sk": ["sk_SK"], "pl": ["pl_PL"],
    "hu": ["hu_HU"], "hr": ["hr_HR"], "sl": ["sl_SI"], "ro": ["ro_RO"], "ru": ["ru_RU"],
    "uk": ["uk_UA"], "bg": ["bg_BG"], "el": ["el_GR"], "tr": ["tr_TR"], "he": ["he_IL"],
    "ar": ["ar_EG", "ar_SA"], "fa": ["fa_IR"], "lt": ["lt_LT"], "lv": ["lv_LV"], "et": ["et_EE"],
    "th": ["th_TH"],
}  # fmt: skip
IDEOGRAPHS = {"zh_Hans": ["zh_CN"], "zh_Hant": ["zh_TW"], "ja": ["ja_JP"], "ko": ["ko_KR"]}
KINDS = ("first_name", "last_name", "city", "street_name", "state", "job", "country", "company")
LEVELS = (0.03, 0.01, 0.003, 0.001, 0.0003, 0.00005)
CODECS = {
    "de": "cp1252 iso8859-1 mac-roman cp850", "fr": "cp1252 iso8859-1 mac-roman cp850",
    "es": "cp1252 iso8859-1 mac-roman cp850", "it": "cp1252 cp850", "pt": "cp1252 cp850",
    "nl": "cp1252", "sv": "cp1252 cp850", "no": "cp1252", "da": "cp1252 cp850", "fi": "cp1252",
    "is": "cp1252", "cs": "cp1250 iso8859-2 cp852", "sk": "cp1250", "pl": "cp1250 iso8859-2 cp852",
    "hu": "cp1250 iso8859-2", "hr": "cp1250", "sl": "cp1250", "ro": "cp1250",
    "ru": "cp1251 koi8-r cp866 iso8859-5", "uk": "cp1251 koi8-u", "bg": "cp1251", "el": "cp1253",
    "tr": "cp1254 iso8859-9", "he": "cp1255", "ar": "cp1256", "fa": "cp1256", "lt": "cp1257",
    "lv": "cp1257", "et": "cp1257", "th": "cp874", "zh_Hans": "gb18030", "zh_Hant": "cp950",
    "ja": "cp932 euc_jp", "ko": "cp949",
}  # fmt: skip


def words_of(language: str, locales: list[str]) -> list[str]:
    """Distinct words of a language, in one order."""
    found: dict[str, None] = {}
    for locale in locales:
        fake = faker.Faker(locale)
        fake.seed_instance(1)
        for kind in KINDS:
            for _ in range(1_500):
                try:
                    text = str(getattr(fake, kind)())
                except AttributeError:
                    break
                found.update(dict.fromkeys(re.findall(r"[^\W\d_]+", text)))
    for text in _messages(language):
        found.update(dict.fromkeys(re.findall(r"[^\W\d_]+", text)))
    return sorted(found)


def _messages(language: str) -> list[str]:
    names = {"no": "nb", "zh_Hans": "zh_CN", "zh_Hant": "zh_TW"}
    code = names.get(language, language)
    folders = [
        (Path(django.__file__).parent / "conf/locale", "django", language.replace("no", "nb")),
        *(
            (Path(pycountry.__file__).parent / "locales", domain, code)
            for domain in ("iso3166-1", "iso3166-2", "iso639-3", "iso4217")
        ),
    ]
    texts: list[str] = []
    for folder, domain, name in folders:
        path = folder / name / "LC_MESSAGES" / f"{domain}.mo"
        if path.exists():
            with path.open("rb") as file:
                catalog = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
            texts += [text for key, text in catalog.items() if key and isinstance(text, str)]
    return texts


def is_kept_out(word: str) -> bool:
    return zlib.crc32(word.encode()) % 4 == 0


def table(language: str) -> list[str]:
    """Pairs with a letter beyond ASCII, by how often they are met: one string for each level."""
    counts: Counter[str] = Counter()
    for word in words_of(language, LOCALES[language]):
        if not is_kept_out(word):
            text = f" {word.lower()} "
            pairs = (a + b for a, b in pairwise(text))
            counts.update(pair for pair in pairs if not pair.isascii() and _is_pair(pair))
    total = sum(counts.values())
    levels: list[list[str]] = [[] for _ in LEVELS]
    for pair, count in counts.items():
        for level, share in enumerate(LEVELS):
            if count / total >= share:
                levels[level].append(pair)
                break
    return ["".join(sorted(level)) for level in levels]


def _is_pair(pair: str) -> bool:
    return all(char.isalpha() or char == " " for char in pair)


def common(language: str) -> str:
    """The characters of everyday names, places and messages."""
    counts: Counter[str] = Counter()
    for word in words_of(language, IDEOGRAPHS[language]):
        if not is_kept_out(word):
            counts.update(char for char in word if char > "\u3000")
    return "".join(sorted(char for char, _count in counts.most_common(900)))


def make() -> str:
    found = {
        "about": "Made by benchmarks/letter_pairs.py --make, which says from what.",
        "pairs": {language: table(language) for language in LOCALES},
        "everyday": {language: common(language) for language in IDEOGRAPHS},
    }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def measure(words: int, seed: int) -> Counter[tuple[str, str]]:
    """Right, asked and wrong per encoding, for files of so many foreign words."""
    from quality.reading import UnreadableFile
    from quality.reading.encodings import settle_encoding

    chance = random.Random(seed)
    outcome: Counter[tuple[str, str]] = Counter()
    for language, codecs in CODECS.items():
        locales = (LOCALES | IDEOGRAPHS)[language]
        pool = [w for w in words_of(language, locales) if is_kept_out(w) and not w.isascii()]
        for codec in codecs.split():
            able = [word for word in pool if _can(word, codec)]
            for _ in range(60 if able else 0):
                chosen = [chance.choice(able) for _ in range(words)]
                text = "id,a\n" + "".join(f"{n},{word}\n" for n, word in enumerate(chosen))
                data = text.encode(codec)
                try:
                    found = settle_encoding(partial(io.BytesIO, data), data)
                    right = data.decode(found.codec) == text
                    outcome[f"{language} {codec}", "right" if right else "WRONG"] += 1
                except UnreadableFile:
                    outcome[f"{language} {codec}", "asked"] += 1
    return outcome


def _can(word: str, codec: str) -> bool:
    try:
        return bool(word.encode(codec))
    except UnicodeEncodeError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--make", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.make:
        sys.stdout.write(make())
        return
    for words in (1, 3, 10, 50):
        outcome = measure(words, options.seed)
        totals: Counter[str] = Counter()
        for (_name, kind), count in outcome.items():
            totals[kind] += count
        every = sum(totals.values())
        shares = ", ".join(f"{kind} {count / every:.1%}" for kind, count in totals.most_common())
        print(f"{words} foreign words: {shares}")
        worst = [(count, name) for (name, kind), count in outcome.items() if kind == "WRONG"]
        if worst:
            listed = ", ".join(f"{name} {count}" for count, name in sorted(worst, reverse=True))
            print(f"  wrong (of 60): {listed}")


if __name__ == "__main__":
    main()
