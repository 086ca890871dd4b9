"""Chinese family names, and what they prove about the order of a name.

Sources: the hundred most frequent family names of the Ministry of Public Security (2020) and
the Hundred Family Surnames; compound ones from the latter.
"""

from __future__ import annotations

import re

from quality.cleaning.vocabulary import terms

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")

COMPOUND = terms(
    "欧阳 | 歐陽 | 司马 | 司馬 | 诸葛 | 諸葛 | 上官 | 司徒 | 东方 | 東方 | 独孤 | 南宫"
    "| 夏侯 | 尉迟 | 公孙 | 公孫 | 慕容 | 令狐 | 皇甫 | 长孙 | 宇文 | 轩辕 | 端木 | 百里"
    "| 呼延 | 东郭 | 南门 | 西门 | 申屠 | 澹台 | 公冶 | 濮阳 | 淳于 | 单于 | 太史 | 钟离"
)
# Family names that are hardly ever (part of) a given name.
_PLAINLY_FAMILY = frozenset(
    "王李张刘陈赵黄周吴徐孙胡朱郭何罗郑谢许邓冯韩曹曾彭萧肖蔡潘董袁于余叶蒋杜苏魏吕丁沈任姚卢傅钟"
    "姜崔谭廖范汪陆金贾韦付邱邹薛侯宋唐梁马高程杨张陳趙黃吳孫羅鄭謝許鄧馮韓蕭葉蔣蘇呂盧鍾譚陸賈韋鄒"
    "劉張馬楊"
)
_ALSO_GIVEN = frozenset(
    "林石夏方白康江史龙段雷尹黎易常武乔贺赖龚文明华桂英秀平安成全向春云柏松梅兰竹宁年乐祥和时"
    "玉立海利冰青红洪艾水冬田国强佳志军伟丽霞"
)
_RARER = frozenset(
    "熊孟秦阎顾毛郝邵万钱严覃戴莫孔温牛葛倪俞庞樊殷施陶翟安颜倪严牛温芦季鲁章包诸左吉刁耿聂祝"
    "关司徒欧阳褚卫蒋沈韩柳酆鲍史费廉岑薛滕罗毕郝邬皮卞齐伍元卜顾孟平黄穆萧尹湛祁狄米贝臧计伏戴"
    "谈茅庞纪舒屈项董梁席麻强娄危颜梅盛刁骆樊霍虞柯昝管莫经房裘缪干解应宗宣贲郁单杭诸嵇邢裴荣翁"
    "荀羊惠甄曲封芮储靳邴糜段富巫焦巴弓牧隗山谷车宓蓬郗班仰秋仲伊宫仇栾暴甘钭厉戎祖符景詹束幸司"
    "韶郜蓟薄印宿怀蒲邰从鄂索咸籍卓蔺屠蒙池阴鬱胥能苍双闻莘党贡劳逄姬申扶堵冉宰郦雍郤璩桑濮寿通"
    "边扈燕冀郏浦尚农别庄晏柴瞿充慕连茹习宦鱼容古慎戈庾终暨居衡步都满弘匡寇广禄阙东殳沃蔚越夔隆"
    "师巩厍晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆游竺权逯盖益桓公岳帅缑亢况有琴"
    "商牟佘佴伯赏墨哈谯笪仝凌初苗涂楚闫战苑"
)
_ANY = _PLAINLY_FAMILY | _ALSO_GIVEN | _RARER


def is_han(text: str) -> bool:
    """Whether the text consists of Chinese characters alone."""
    return HAN.fullmatch(text) is not None


def is_surname(text: str) -> bool:
    """Whether a Chinese text is a family name we know."""
    return text in COMPOUND or (len(text) == 1 and text in _ANY)


def is_plainly_surname(text: str) -> bool:
    """Whether a Chinese text can hardly be anything but a family name."""
    return text in COMPOUND or (len(text) == 1 and text in _PLAINLY_FAMILY)


def split_han(text: str) -> tuple[str, str] | None:
    """Family and given name of a whole Chinese name; None when its family name is not known."""
    if text[:2] in COMPOUND and 3 <= len(text) <= 4:
        return text[:2], text[2:]
    if 2 <= len(text) <= 3 and text[0] in _ANY:
        return text[0], text[1:]
    return None


def are_swapped(given: str, family: str, email: str | None = None) -> bool:
    """Whether a Chinese given and family name provably stand in each other's place.

    A two-character "family name" that is none, beside a "given name" that can only be a family
    name, is proof. Where that could still be chance, the e-mail address has to spell the name
    in its right order.
    """
    if not (is_han(given) and is_han(family)) or len(family) > 2:
        return False
    if not is_plainly_surname(given) or is_surname(family):
        return False
    if len(family) == 2 and family[0] not in _PLAINLY_FAMILY:
        return True
    return email is not None and _spelt(given, family, email)


def _spelt(family: str, given: str, email: str) -> bool:
    """Whether the address begins with the sounds of the family name, then the given name."""
    from pypinyin import lazy_pinyin  # a large table; most files never need it

    local = re.sub(r"[^a-z]", "", email.casefold().partition("@")[0])
    return local.startswith("".join(lazy_pinyin(family + given)).replace("ü", "v"))
