"""What of a rating may be shown: nothing below the minimum count, so that no single answer can be read (R4)."""

from __future__ import annotations

from ethics_eval.evaluation.rules.scheme import Component, ComponentRule

LEAST = 5
# Those whose answers are promised to be nobody's; one's own rating and the school's group are not.
SECRET = frozenset({Component.PEER, Component.PUPIL, Component.PARENT})


def may_show(component: Component, raters: int, rule: ComponentRule) -> bool:
    """Whether counts and scores of so many raters may be shown: five at least, and as many as make it valid."""
    return component not in SECRET or raters >= max(LEAST, rule.min_raters)
