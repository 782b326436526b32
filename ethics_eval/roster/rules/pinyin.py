"""Pinyin of names, with the readings that names have, and how well a typed text fits a school or a person.

A *key* is a reading whose syllables are parted by ``'`` (``tian'tai'xiao'xue``); several keys are parted by
blanks, the usual reading first. ü is written ``u`` in keys, and ``v`` is read as ``u`` in what people type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice, product

from pypinyin import lazy_pinyin

from ethics_eval.roster.rules.cell import plain

PINYIN_LENGTH = 400
INITIALS_LENGTH = 100
MOST_KEYS = 6

# Characters read in several ways in names of places and schools; the first is how names usually read them.
_PLACE_READINGS: Mapping[str, tuple[str, ...]] = {
    "长": ("chang", "zhang"),
    "重": ("chong", "zhong"),
    "乐": ("le", "yue"),
    "朝": ("chao", "zhao"),
    "行": ("xing", "hang"),
    "曾": ("zeng", "ceng"),
    "单": ("shan", "dan"),
    "解": ("jie", "xie"),
    "仇": ("qiu", "chou"),
    "都": ("du", "dou"),
    "大": ("da", "dai"),
    "六": ("liu", "lu"),
    "盛": ("sheng", "cheng"),
    "晟": ("sheng", "cheng"),
    "查": ("zha", "cha"),
    "覃": ("qin", "tan"),
    "厦": ("xia", "sha"),
    "柏": ("bai", "bo"),
    "藏": ("cang", "zang"),
    "传": ("chuan", "zhuan"),
    "圩": ("wei", "xu"),
    "埔": ("pu", "bu"),
    "堡": ("bao", "pu", "bu"),
    "涌": ("yong", "chong"),
    "泷": ("long", "shuang"),
    "车": ("che", "ju"),
    "角": ("jiao", "jue"),
    "露": ("lu", "lou"),
    "翟": ("zhai", "di"),
    "巷": ("xiang", "hang"),
    "石": ("shi", "dan"),
    "圫": ("tuo", "yu"),
    "垅": ("long",),
    "槎": ("cha",),
    "坳": ("ao", "yao"),
}
# Where the phrase decides: these keep what the dictionary of phrases says.
_PHRASE_DECIDES = frozenset("重乐朝行解都大六盛传角露车石藏")
_GROWING = frozenset("成家校园班首队增村生")  # before 长 it is read zhang

# Surnames whose reading as a word misleads.
_SURNAMES: Mapping[str, tuple[str, ...]] = {
    "尉迟": ("yu chi",),
    "万俟": ("mo qi",),
    "长孙": ("zhang sun",),
    "澹台": ("tan tai",),
    "单于": ("chan yu",),
    "单": ("shan", "dan"),
    "仇": ("qiu", "chou"),
    "解": ("xie", "jie"),
    "曾": ("zeng", "ceng"),
    "区": ("ou", "qu"),
    "查": ("zha", "cha"),
    "覃": ("qin", "tan"),
    "任": ("ren",),
    "华": ("hua",),
    "朴": ("piao", "pu"),
    "翟": ("zhai", "di"),
    "乐": ("yue", "le"),
    "盖": ("ge", "gai"),
    "缪": ("miao", "mou"),
    "繁": ("po", "fan"),
    "黑": ("he", "hei"),
    "种": ("chong", "zhong"),
    "召": ("shao", "zhao"),
    "折": ("she", "zhe"),
    "秘": ("bi", "mi"),
    "祭": ("zhai", "ji"),
    "洗": ("xian", "xi"),
    "冼": ("xian",),
    "员": ("yun", "yuan"),
    "贠": ("yun",),
    "郇": ("xun", "huan"),
    "逄": ("pang",),
    "乜": ("nie", "mie"),
    "教": ("jiao",),
    "葛": ("ge",),
    "宁": ("ning",),
    "燕": ("yan",),
    "尹": ("yin",),
    "应": ("ying",),
    "於": ("yu",),
    "隗": ("wei", "kui"),
    "长": ("chang", "zhang"),
    "车": ("che",),
    "盛": ("sheng",),
    "石": ("shi",),
    "柏": ("bai", "bo"),
    "晁": ("chao",),
    "那": ("na",),
    "能": ("nai", "neng"),
    "佴": ("nai", "er"),
    "哈": ("ha",),
    "宓": ("mi", "fu"),
    "曲": ("qu",),
    "褚": ("chu",),
    "过": ("guo",),
    "适": ("kuo", "shi"),
    "殷": ("yin",),
    "都": ("du", "dou"),
    "阚": ("kan",),
    "戚": ("qi",),
}

_DIGITS = "〇一二三四五六七八九"
_NUMBERED = re.compile(r"第?([一二三四五六七八九十]{1,3}|\d{1,2})(中学|中|小学|小|幼儿园|幼)(?!心|英)")
_SHORT = {"中学": "中", "小学": "小", "幼儿园": "幼"}
_PROVINCE = re.compile(r"湖南省?")
_PINYIN_CITY = re.compile(r"^(?:hunan(?:sheng)?)?zhuzhou(?:shi)?")
_CITY = re.compile(r"株洲市?")
_GENERIC = frozenset({"中学", "小学", "学校", "幼儿园", "高级中学", "一贯制学校", "实验学校", "实验小学", ""})
_OTHER = "\0"
_NOISE = re.compile(r"[^\w]|_")


def _syllables(text: str) -> list[str]:
    found: list[str] = []
    for part in lazy_pinyin(text, errors=lambda run: _OTHER + run):
        if part.startswith(_OTHER):  # digits and Latin letters: each is its own syllable and initial
            found += _NOISE.sub("", plain(part).lower())
        else:
            found.append(part.replace("ü", "u").replace("v", "u"))
    return found


def _readings(name: str) -> list[tuple[str, ...]]:
    """Each syllable's readings, the usual one first."""
    text = "".join(char for char in name if not _NOISE.fullmatch(char))
    usual = _syllables(text)
    if len(usual) != len(text):  # characters the dictionary makes several of: no alternatives then
        return [(syllable,) for syllable in usual]
    found: list[tuple[str, ...]] = []
    for at, (char, syllable) in enumerate(zip(text, usual, strict=True)):
        others = _PLACE_READINGS.get(char, ())
        if char in _PHRASE_DECIDES or not others or (char == "长" and text[at - 1 : at] in _GROWING):
            first = syllable
        else:
            first = others[0]
        found.append((first, *(other for other in others if other != first)))
    return found


def _fitting(keys: Iterable[str], length: int) -> str:
    text = ""
    for key in dict.fromkeys(keys):
        longer = f"{text} {key}".strip()
        if len(longer) > length:
            break
        text = longer
    return text


def _keys(readings: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return list(islice(product(*readings), MOST_KEYS))


def school_keys(name: str) -> tuple[str, str]:
    """Pinyin keys (≤ 400 characters) and initials (≤ 100) of a school's name, parted by blanks."""
    found = _keys(_readings(name))
    pinyin = _fitting(("'".join(key) for key in found), PINYIN_LENGTH) or "'".join(found[0])[:PINYIN_LENGTH]
    initials = _fitting(("".join(syllable[:1] for syllable in key) for key in found), INITIALS_LENGTH)
    return pinyin, initials


def person_keys(name: str) -> tuple[str, str]:
    """Pinyin keys and initials of a person's name, the surname read as a surname."""
    surname = next((part for part in (name[:2], name[:1]) if part in _SURNAMES), "")
    heads = [tuple(reading.split()) for reading in _SURNAMES.get(surname, ())] or [()]
    given = tuple(_syllables(name[len(surname) :]))
    found = [head + given for head in heads]
    return (
        " ".join(dict.fromkeys("'".join(key) for key in found)),
        " ".join(dict.fromkeys("".join(syllable[:1] for syllable in key) for key in found)),
    )


def _number(text: str) -> str:
    if not text.isdigit():
        return text
    tens, ones = divmod(int(text), 10)
    head = "" if tens == 0 else ("" if tens == 1 else _DIGITS[tens]) + "十"
    return head + (_DIGITS[ones] if ones else "") or _DIGITS[0]


def _bare(text: str) -> str:
    return _NOISE.sub("", plain(text).lower())


def fold(text: str) -> str:
    """A text for comparison: lower case, no blanks or punctuation, 第十八中学 and 18中 alike (``十八中``)."""
    return _NUMBERED.sub(lambda found: _number(found[1]) + _SHORT.get(found[2], found[2]), _bare(text))


def _without(text: str, pattern: re.Pattern[str]) -> str:
    rest = pattern.sub("", text, count=1) if pattern.match(text) else text
    return text if rest in _GENERIC else rest


@lru_cache(maxsize=64)
def _district_pattern(districts: tuple[str, ...]) -> re.Pattern[str]:
    full = "|".join(map(re.escape, districts))
    stems = "|".join(re.escape(name[:-1]) for name in districts if len(name) > 2)
    numbered = f"|(?:{stems})(?=[一二三四五六七八九十]+[中小幼])" if stems else ""
    return re.compile(f"(?:{full}){numbered}" if full else "(?!)")


def core(text: str, districts: tuple[str, ...] = ()) -> str:
    """A folded name without the province, city and district before it."""
    return _without(_without(_without(text, _PROVINCE), _CITY), _district_pattern(districts))


@lru_cache(maxsize=65536)
def _name_keys(name: str, district: str) -> tuple[tuple[str, int], ...]:
    """The wordings of a school's name, each with how many leading characters only say where it is."""
    folded = fold(name)
    bare = core(folded, (district,))
    places = (district, district[:-1] if len(district) > 2 else district)
    own = [(key, 0) for key in (folded, _without(folded, _PROVINCE), bare, _bare(name))]
    return tuple(dict.fromkeys([*own, *((place + bare, len(place)) for place in places)]))


EXACT, PREFIX, INSIDE = range(3)


def _fit(typed: str, key: str) -> int | None:
    if typed == key:
        return EXACT
    if key.startswith(typed):
        return PREFIX
    return INSIDE if typed in key else None


def _pinyin_fit(typed: str, keys: str) -> int | None:
    """Like :func:`_fit`, but an inner match must begin where a syllable does."""
    if typed not in keys.replace("'", ""):
        return None
    best: int | None = None
    for key in keys.split():
        syllables = key.split("'")
        for at in range(len(syllables)):
            rest = "".join(syllables[at:])
            if rest.startswith(typed):
                fit = INSIDE if at else PREFIX if len(rest) > len(typed) else EXACT
                best = fit if best is None else min(best, fit)
                break
    return best


def _initials_fit(typed: str, keys: str) -> int | None:
    fits = [fit for key in keys.split() if (fit := _fit(typed, key)) is not None]
    return min(fits, default=None)


def _latin(typed: str) -> str:
    return typed.replace("ü", "u").replace("v", "u")


Fit = tuple[int, int]


def school_fit(text: str, *, name: str, district: str, pinyin: str, initials: str) -> Fit | None:
    """How well a typed text fits a school: smaller is better, None: not at all.

    Exact before prefix before inside; within each, the text as typed before the text without 株洲市 and the
    like, before pinyin, before initials. Blanks part words that must all fit.
    """
    typed = fold(text)
    if not typed:
        return None
    found: list[Fit] = []
    # 第二 is on its way to 第二中学, which folds to 二中: so the text as it stands is tried too
    wordings = ((typed, 0), (_bare(text), 0), (core(typed, (district,)), 1))
    for wording, place in dict.fromkeys(wordings):
        found += [
            (fit, place)
            for key, leading in _name_keys(name, district)
            if len(wording) > leading and (fit := _fit(wording, key)) is not None
        ]
    if len(typed) > 1 and district.startswith(typed):  # a district alone lists its schools, last
        found.append((INSIDE, 4))
    if typed.isascii() or "ü" in typed:
        latin = _latin(_bare(text))
        for wording in dict.fromkeys((latin, _PINYIN_CITY.sub("", latin) or latin)):
            if (fit := _pinyin_fit(wording, pinyin)) is not None:
                found.append((fit, 2))
        if (fit := _initials_fit(latin, initials)) is not None and (fit != INSIDE or len(latin) > 1):
            found.append((fit, 3))
    words = text.split()
    if not found and len(words) > 1:
        fits = [
            school_fit(word, name=name, district=district, pinyin=pinyin, initials=initials) for word in words
        ]
        if None not in fits:
            found.append((INSIDE, 4))
    return min(found, default=None)


def person_fits(text: str, name: str) -> bool:
    """Whether a typed text is part of a person's name, of its pinyin from a syllable on, of its initials."""
    typed = _bare(text)
    if not typed or typed in _NOISE.sub("", name.lower()):
        return True
    if not (typed.isascii() or "ü" in typed):
        return False
    pinyin, initials = person_keys(name)
    latin = _latin(typed)
    return _pinyin_fit(latin, pinyin) is not None or _initials_fit(latin, initials) is not None
