"""The rater's pages: a code opens a ballot that is kept, checked, sent once; nobody learns the code from a log."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import func, select

from ethics_eval.complaints.rules.quota import LIMITS, Source
from ethics_eval.database import db, transaction
from ethics_eval.evaluation.models import BallotCode, BallotDraft, Tally
from ethics_eval.evaluation.rules.scheme import Component
from tests.support.ballots import REASON
from tests.support.forms import form_at, submit, values
from tests.web.balloted import Balloted, balloted

__all__ = ["balloted"]
GOOD = {f"t{place}-q{item}": "1" for place in (1, 2, 3) for item in (1, 2)}


def state(page: str) -> str:
    (found,) = html.fromstring(page).xpath("//main//*[@data-state]/@data-state")
    return str(found)


def counted(city: Balloted) -> int:
    with city.app.app_context():
        total = sum((getattr(Tally, f"option_{place}") for place in range(2, 11)), start=Tally.option_1)
        found = db.session.scalar(select(func.sum(total)))
        db.session.remove()
    return found or 0


def test_from_the_code_to_thanks(balloted: Balloted) -> None:
    client = balloted.app.test_client()
    code = balloted.codes()[0]
    answer = submit(client, "/vote", {"code": f" {code[:4].lower()}-{code[4:]}"})
    assert (answer.status_code, answer.location) == (303, f"/vote/{code}")
    page = client.get(answer.location)
    assert state(page.text) == "open"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    tree = html.fromstring(page.text)
    assert len(tree.xpath("//h2[contains(@id, '-name')]")) == 3
    radios = tree.xpath("//input[@type='radio']")
    assert {radio.get("id") for radio in radios} <= set(tree.xpath("//label/@for"))
    assert len(radios) == 3 * 2 * 5
    sent = submit(client, answer.location, {**GOOD, "t2": "y", "action": "check"})
    assert sent.status_code == 303
    assert counted(balloted) == 0
    checked = client.get(sent.location)
    assert state(checked.text) == "check"
    form = form_at(checked.text)
    thanks = client.post(form.action, data={**values(form), "action": "send"})
    assert (thanks.status_code, thanks.location) == (303, "/vote/thanks")
    assert state(client.get(thanks.location).text) == "sent"
    assert counted(balloted) == 4
    again = client.get(f"/vote/{code}")
    assert (again.status_code, state(again.text)) == (410, "used")
    assert client.post(form.action, data={**values(form), "action": "send"}).status_code == 410
    assert counted(balloted) == 4


def test_a_plain_client_sends_at_once(balloted: Balloted) -> None:
    client = balloted.app.test_client()
    code = balloted.codes(Component.PARENT)[0]
    answer = submit(client, f"/vote/{code}", {**GOOD, "t1-q1": "5", "t1-q1-reason": REASON})
    assert (answer.status_code, answer.location) == (303, "/vote/thanks")
    assert counted(balloted) == 6


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"t3-q2": ""}, ["t3-q2"]),
        ({"t1-q1": "6"}, ["t1-q1"]),
        ({"t1-q1": "1x", "t2-q1": "-1"}, ["t1-q1", "t2-q1"]),
        ({"t1-q1": "5"}, ["t1-q1-reason"]),
        ({"t1-q1": "5", "t1-q1-reason": "差 差 差"}, ["t1-q1-reason"]),
        ({"t1": "y", "t2": "y", "t3": "y"}, ["t1"]),
    ],
)
def test_what_is_missing_is_said_and_the_rest_kept(
    balloted: Balloted, changes: dict[str, str], at: list[str]
) -> None:
    client = balloted.app.test_client()
    answer = submit(client, f"/vote/{balloted.codes()[0]}", {**GOOD, **changes, "t2-q2": "3"})
    assert answer.status_code == 422
    tree = html.fromstring(answer.text)
    assert [link.get("href") for link in tree.xpath("//*[@role='alert']//a")] == [f"#{name}" for name in at]
    assert all(tree.xpath(f"//*[@id='{name}']") for name in at)
    assert tree.xpath("//input[@name='t2-q2' and @value='3']/@checked")
    assert counted(balloted) == 0


def test_half_a_ballot_is_kept_under_the_code(balloted: Balloted) -> None:
    first, second, *_rest = balloted.codes()
    client = balloted.app.test_client()
    half = {"t1-q1": "5", "t1-q1-reason": "他总是迟到"}
    answer = submit(client, f"/vote/{first}", {**half, "action": "save"})
    assert (answer.status_code, answer.location) == (303, f"/vote/{first}")
    elsewhere = balloted.app.test_client()
    tree = html.fromstring(elsewhere.get(f"/vote/{first}").text)
    assert tree.xpath("//input[@name='t1-q1' and @value='5']/@checked")
    assert tree.xpath("//textarea[@name='t1-q1-reason']")[0].text_content().strip() == "他总是迟到"
    assert not html.fromstring(elsewhere.get(f"/vote/{second}").text).xpath("//input[@checked]")
    assert client.get(f"/vote/{first}/check").location == f"/vote/{first}"  # not complete
    submit(client, f"/vote/{first}", GOOD)
    with balloted.app.app_context():
        assert db.session.scalars(select(BallotDraft.code_hash)).all() == []


@pytest.mark.parametrize(("days", "status", "said"), [((1, 9), 200, "early"), ((-9, -1), 410, "over")])
def test_outside_the_round(balloted: Balloted, days: tuple[int, int], status: int, said: str) -> None:
    code = balloted.codes()[0]
    client = balloted.app.test_client()
    page = client.get(f"/vote/{code}")
    form = values(form_at(page.text))
    now = datetime.now(UTC)
    with balloted.app.app_context(), transaction() as session:
        balloted.move_round(session, now + timedelta(days=days[0]), now + timedelta(days=days[1]))
    answer = client.get(f"/vote/{code}")
    assert (answer.status_code, state(answer.text)) == (status, said)
    for action in ("send", "save", "check"):
        forged = client.post(f"/vote/{code}", data={**form, **GOOD, "action": action})
        assert (forged.status_code, state(forged.text)) == (status, said)
    assert counted(balloted) == 0


def test_what_is_no_code_is_said_kindly(balloted: Balloted) -> None:
    client = balloted.app.test_client()
    assert submit(client, "/vote", {"code": "123"}).status_code == 422
    assert submit(client, "/vote", {"code": ""}).status_code == 422
    for typed in ("0" * 12, "x", "%00", "评议码", "A" * 300):
        answer = client.get(f"/vote/{typed}")
        assert (answer.status_code, state(answer.text)) == (404, "unknown")
        assert client.get(f"/vote/{typed}/check").status_code == 404


def test_guessing_ends_and_a_school_goes_on(balloted: Balloted) -> None:
    balloted.app.config["ETHICS_EVAL_QUOTAS"] = "on"
    most = LIMITS[Source.BALLOT_MISS].most
    guesser = balloted.app.test_client()
    elsewhere: dict[str, Any] = {"environ_base": {"REMOTE_ADDR": "198.51.100.7"}}
    for _number in range(2):  # right codes are never counted
        for code in balloted.codes():
            assert guesser.get(f"/vote/{code}", **elsewhere).status_code == 200
    statuses = [guesser.get(f"/vote/{number:012}", **elsewhere).status_code for number in range(most + 1)]
    assert statuses == [404] * most + [429]
    limited = guesser.get(f"/vote/{balloted.codes()[0]}", **elsewhere)
    assert limited.status_code == 429
    assert int(limited.headers["Retry-After"]) > 0
    assert guesser.get(f"/vote/{balloted.codes()[0]}").status_code == 200  # another address
    with balloted.app.app_context():
        assert set(db.session.scalars(select(BallotCode.state))) == {"open"}


def test_no_code_stands_in_a_log(balloted: Balloted, capsys: pytest.CaptureFixture[str]) -> None:
    code = balloted.codes()[0]
    client: FlaskClient = balloted.app.test_client()
    client.get(f"/vote/{code}")
    client.post(f"/vote/{code}", data={"t1-q1": "x"})  # without the token
    submit(client, f"/vote/{code}", {"action": "save"})
    submit(client, f"/vote/{code}", GOOD)
    client.get(f"/vote/{code}")
    written = capsys.readouterr().err
    assert len(re.findall('"endpoint": "public.vote.show"', written)) >= 6
    assert code not in written.upper()
