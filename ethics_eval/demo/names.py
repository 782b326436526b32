"""Invented names of people as people in China have them; one in five shares the name with somebody else."""

from __future__ import annotations

from random import Random

_SURNAMES = (
    "刘陈李王周罗黄张谭彭易贺龙唐杨曾肖胡邓吴欧何谢朱郭曹袁蒋宋廖文夏尹汤邹江颜言单凌沈徐孙马高林郑梁"
    "姚田潘戴傅余方石程邱段雷汪范丁任卢陆江金魏熊孟秦白毛苏贾史侯"
)
_COMPOUND = ("欧阳", "司马", "上官", "诸葛")
_COMMON = 24  # the first of the list are borne by more people
_SINGLE = (
    "伟芳敏静磊军洋勇艳杰娟涛明超霞平刚英华红玲丹萍鹏辉波宁斌莉倩婷亮帆佳琳雪颖飞慧琴俊峰青兰燕薇蕾浩林岚楠"
)
_FIRST = (
    "晓小丽玉美红春秋雪雅慧文思雨佳欣梦诗静素桂秀金翠海艳凤月冬彩云若可书语舒婉清灵",
    "建志国文明海永立俊伟晓新长光德家宏振少思子宇浩泽智学庆正卫兴启贤景绍承世先友远",
)
_SECOND = (
    "芳英华兰梅霞燕萍玲娟琴云莲珍红丽敏静慧婷琪怡妮瑶洁娜蓉菲香君芬容清平辉群花连",
    "国强军平华明辉勇斌林波涛峰杰鹏龙飞文武祥云清良生松宇轩然阳贵坤雄发成荣民",
)
_TRIES = 60
# One in so many shares the name, in groups of two to so many.
SHARING = 5
_MOST_ALIKE = 6


def person_name(chance: Random) -> str:
    """One name, of two to four characters."""
    drawn = chance.randrange(1000)
    if drawn < 8:
        surname = chance.choice(_COMPOUND)
    elif drawn < 560:
        surname = chance.choice(_SURNAMES[:_COMMON])
    else:
        surname = chance.choice(_SURNAMES)
    if chance.randrange(8) == 0:
        return surname + chance.choice(_SINGLE)
    woman = chance.randrange(100) >= 36
    return surname + chance.choice(_FIRST[not woman]) + chance.choice(_SECOND[not woman])


def people_names(count: int, chance: Random) -> list[str]:
    """So many names in mixed order: four fifths are borne by one, the others by two to six people each."""
    groups: list[int] = []
    sharing = count // SHARING
    while sharing > 1:
        size = min(sharing, chance.randint(2, _MOST_ALIKE))
        size += sharing - size == 1  # nobody is left over alone
        groups.append(size)
        sharing -= size
    groups += [1] * (count - sum(groups))
    taken: set[str] = set()
    found: list[str] = []
    for size in groups:
        name = person_name(chance)
        for _try in range(_TRIES):
            if name not in taken:
                break
            name = person_name(chance)
        taken.add(name)
        found += [name] * size
    chance.shuffle(found)
    return found
