"""The built-in words of items: the ten norms of schools and of kindergartens, parents' and pupils' questions."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from ethics_eval.evaluation.rules.form import Bank, BankItem, Norm, Variant
from ethics_eval.evaluation.rules.scheme import Component


@cache
def item_bank() -> Bank:
    """The bank as shipped (``item_bank.json``)."""
    raw = json.loads(files("ethics_eval.evaluation").joinpath("item_bank.json").read_text("utf-8"))
    items: dict[tuple[Component, Variant, str], BankItem] = {}
    overall: dict[tuple[Component, Variant], BankItem] = {}
    for variant in Variant:
        norms = raw["norms"][variant]
        for component in Component:
            general = BankItem(**raw["overall"][component][variant])
            overall[component, variant] = general
            items[component, variant, raw["overall"][component]["code"]] = general
            for code, words in raw["items"].get(component, {}).get(variant, {}).items():
                items[component, variant, code] = BankItem(**words)
            frame = raw["norm_questions"].get(component)
            for number, norm in enumerate(norms["items"], start=1) if frame else ():
                items[component, variant, f"N{number:02d}"] = BankItem(
                    norm["title"],
                    frame % norm["conduct"],
                    "norm",
                    Norm(norms["name"], number, norm["title"]),
                )
    scales = {
        name: {int(count): tuple(labels) for count, labels in by_count.items()}
        for name, by_count in raw["scales"].items()
    }
    return Bank(items, overall, scales)
