"""Filling in the complaint form in the browser, step by step, as a parent does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playwright.sync_api import FilePayload, Page, expect

STEPS = ("发生的事", "反映的人", "证据", "关于您", "核对并提交")


def step(page: Page, number: int) -> None:
    """Wait until the step of this number (from 1) is the one shown."""
    heading = page.get_by_role("heading", level=2, name=STEPS[number - 1])
    expect(heading).to_be_visible()
    expect(page.locator(".form-part:not([hidden])")).to_have_count(1)


def forward(page: Page, number: int) -> None:
    """Press 下一步 and arrive at the step of this number."""
    page.locator("[data-next]").click()
    step(page, number)


def put(page: Page, fields: Mapping[str, Any]) -> None:
    """Put values into the fields of the step shown; True ticks, of radios the value is checked."""
    for name, value in fields.items():
        control = page.locator(f"form[data-complaint] [name={name}]").first
        kind = control.evaluate("node => node.type")
        if kind == "radio":
            page.locator(f"form[data-complaint] [name={name}][value={value}]").check()
        elif kind == "checkbox":
            control.set_checked(bool(value))
        elif kind == "select-one":
            control.select_option(value)
        else:
            control.fill(value)


def walk(page: Page, fields: Mapping[str, Any], files: Sequence[FilePayload] = ()) -> None:
    """Fill in all steps up to the answers, with the pledge; nothing is sent yet."""
    for number, names in enumerate(
        (
            ("body", "category", "injured", "happened_on", "place"),
            ("respondent_role", "respondent", "subject_class"),
            (),
            ("identity", "name", "phone", "relation"),
        ),
        start=1,
    ):
        step(page, number)
        put(page, {name: fields[name] for name in names if name in fields})
        if number == 3 and files:
            page.locator("#evidence").set_input_files(list(files))
            expect(page.locator("[data-judged] .file-name")).to_have_count(len(files))
        forward(page, number + 1)
    page.locator("#pledge").check()


def send(page: Page) -> str:
    """Send what was filled in; the query code of the receipt, whose script has wiped the draft."""
    page.get_by_role("button", name="提交投诉").click()
    code = page.locator("[data-receipt]").get_attribute("data-receipt")
    assert code is not None
    page.wait_for_load_state()
    return code
