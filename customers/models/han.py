"""Chinese names as they are looked for: in simplified characters, or by how they are spoken.

People type 张 for 張 and "zhang wei" for 张伟. A family name has its own reading: 单 is Shan, never
Dan; 曾 is Zeng. Some have two in use; both are taken.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import product
from pathlib import Path

from quality.cleaning.surnames import COMPOUND, HAN

VARIANTS = Path(__file__).with_name("han_variants.txt")
Syllables = tuple[str, ...]


def _readings(table: str) -> dict[str, tuple[str, ...]]:
    """单 shan, 盖 ge/gai, 长孙 zhang-sun: a name, and its readings; syllables keep their hyphen."""
    pairs = (entry.split() for entry in table.split(","))
    return {name: tuple(spoken.split("/")) for name, spoken in pairs}


# How family names are read where that differs from the character's usual reading, or twice.
FAMILY_READINGS = _readings(
    "单 shan, 曾 zeng, 仇 qiu, 解 xie, 查 zha, 朴 piao, 区 ou, 盖 ge/gai, 任 ren, 华 hua, "
    "宓 mi/fu, 召 shao, 种 chong, 秘 bi, 乜 nie, 员 yun, 缪 miao, 繁 po, 冼 xian, 洗 xian, "
    "晁 chao, 覃 qin/tan, 翟 zhai/di, 祭 zhai, 折 she, 黑 he, 褚 chu, 阙 que, 纪 ji, 燕 yan, "
    "柏 bai/bo, 都 du, 那 na, 哈 ha, 盛 sheng, 应 ying, 干 gan, 过 guo, 殷 yin, 葛 ge, "
    "重 chong, 石 shi, 车 che, 贾 jia, 沈 shen, 隗 wei/kui, 郇 xun/huan, 适 kuo, 要 yao, "
    "呙 guo, 俞 yu, 乐 yue/le, 曲 qu, 撒 sa, 佴 nai, 句 gou, 炅 gui, 牟 mou/mu, 宿 su, "
    "观 guan, 臧 zang, 藏 zang, 强 qiang, 行 xing, 谌 chen, 叶 ye, 仉 zhang, 缴 jiao, 薄 bo, "
    "贲 ben, 相 xiang, 占 zhan, 谷 gu, 和 he, 舍 she, 宁 ning, 长 chang, 尉 wei, 卜 bu, 瞿 qu, "
    "訾 zi, 万俟 mo-qi, 尉迟 yu-chi, 澹台 tan-tai, 单于 chan-yu, 长孙 zhang-sun, 令狐 ling-hu, "
    "皇甫 huang-fu"
)
# Characters of given names that many read the other way.
GIVEN_READINGS = _readings(
    "乐 le/yue, 茜 xi/qian, 晟 sheng/cheng, 朝 chao/zhao, 长 chang/zhang, 重 zhong/chong, "
    "行 xing/hang, 少 shao, 兴 xing"
)
# What an organisation's name ends with, and nobody looks for.
LEGAL_FORM = re.compile(r"(股份|集团|控股)*(有限)?(责任)?公司$")
MOST_READINGS = 4


@cache
def _simple() -> dict[int, str]:
    lines = VARIANTS.read_text(encoding="utf-8").splitlines()
    pairs = "".join(line for line in lines if not line.startswith("#"))
    return {ord(old): new for old, new in zip(pairs[::2], pairs[1::2], strict=True)}


def simplified(text: str) -> str:
    """Traditional Chinese characters become simplified ones; everything else stays."""
    return text if text.isascii() else text.translate(_simple())


@lru_cache(maxsize=20_000)
def readings_of_family(name: str) -> tuple[Syllables, ...]:
    """How a family name (or a whole name that begins with one) may be read.

    `name` is in simplified characters alone.
    """
    length = 2 if name[:2] in COMPOUND or name[:2] in FAMILY_READINGS else 1
    family, rest = name[:length], name[length:]
    spoken = FAMILY_READINGS.get(family) or ("-".join(_spoken(family)),)
    given = readings_of_given(rest) if rest else ((),)
    pairs = product((tuple(reading.split("-")) for reading in spoken), given)
    return tuple((*first, *last) for first, last in pairs)[:MOST_READINGS]


@lru_cache(maxsize=20_000)
def readings_of_given(name: str) -> tuple[Syllables, ...]:
    """How a given name may be read. `name` is in simplified characters alone."""
    usual = _spoken(name)
    if len(usual) != len(name):
        return (usual,)
    choices = (
        GIVEN_READINGS.get(character, (sound,))
        for character, sound in zip(name, usual, strict=True)
    )
    return tuple(product(*choices))[:MOST_READINGS]


def _spoken(text: str) -> Syllables:
    """Syllables without tones; ü is written v, as people type it."""
    from pypinyin import lazy_pinyin  # a large table; whoever has no Chinese customers needs none

    return tuple(sound for sound in lazy_pinyin(text, errors="ignore") if sound)


def spellings(sounds: str) -> set[str]:
    """What the ü of 吕 is typed as: lv, lu, and lyu as passports have it."""
    if "v" not in sounds:
        return {sounds}
    return {sounds, sounds.replace("v", "u"), sounds.replace("v", "yu")}


def person_parts(family: str, given: str) -> set[str]:
    """What a person with a Chinese name is found by when it is typed as it is spoken.

    The whole name (its beginning is the family name), the given name, and the later syllables of
    it, since many write those apart: zhangxiaoming, xiaoming, ming.
    """
    if not family and not given:
        return set()
    parts: set[str] = set()
    for first in readings_of_family(family) if family else ((),):
        for last in readings_of_given(given) if given else ((),):
            # From each syllable of the family name on: few have two, and some write those apart.
            whole = (*first, *last)
            parts.update("".join(whole[start:]) for start in range(max(1, len(first))))
    for syllables in readings_of_given(given) if given else readings_of_family(family):
        starts = range(0 if given else 1, len(syllables))
        parts.update("".join(syllables[start:]) for start in starts)
    return longest(spelling for part in parts if part for spelling in spellings(part))


def longest(parts: Iterable[str]) -> set[str]:
    """Without those that another begins with: what begins them begins that one, too."""
    kept: list[str] = []
    for part in sorted(parts):
        if kept and part.startswith(kept[-1]):
            kept.pop()
        kept.append(part)
    return set(kept)


@lru_cache(maxsize=20_000)
def organisation_parts(name: str) -> frozenset[str]:
    """What a Chinese organisation is found by: 博远 and boyuan find 杭州博远科技有限公司.

    Its name from any character on, in characters and as it is spoken, as far as the legal form.
    """
    parts: set[str] = set()
    for run in HAN.findall(simplified(name)):
        ends = LEGAL_FORM.search(run)
        tail = ends.start() if ends and ends.start() else len(run)
        sounds = _spoken(run)
        whole = len(sounds) == len(run)
        for start in range(max(1, tail - 1)):
            parts.add(run[start:])
            if whole:
                parts |= spellings("".join(sounds[start:]))
    return frozenset(parts)


def is_chinese(text: str) -> bool:
    """Whether the text consists of Chinese characters alone."""
    return HAN.fullmatch(text) is not None
