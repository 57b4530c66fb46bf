"""Names, notes and texts that staff, members and senders chose are text on every page of the desk, and nothing more."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification import keys, pipeline, programme
from app.gamification.accrual.publishing import drafting
from app.gamification.approvals import proposals
from app.gamification.brand import forget
from app.gamification.ledger.adjusting import adjust
from app.gamification.policy import publishing as packs
from app.gamification.staff import invitations
from app.gamification.tiers import publishing as ladder
from app.lib import clock
from app.models.base import read_all, transaction
from app.routes.admin.keys import sealer
from tests.house.test_access import sample
from tests.support.cast import Person, sign_in, sign_in_staff
from tests.support.play import Said, report, trade
from tests.support.proposals import approve

EVIL = "<img src=x> %(brand)s 5% \"'"
RAW = "<img src=x"
NOW = clock.now()
NAMED = {"en": EVIL, "ar": EVIL, "zh": EVIL}


def renamed(definition: object) -> object:
    """A definition in which everything that people read is hostile."""
    if isinstance(definition, dict):
        return {
            name: NAMED if isinstance(value, dict) and "en" in value and name != "warning" else renamed(value)
            for name, value in definition.items()
        }
    return [renamed(one) for one in definition] if isinstance(definition, list) else definition


@pytest.fixture
def hostile(app: Flask, alice: Person, dana: Person, omar: Person, mia: Person) -> Person:
    """Something hostile in every place that somebody may write into."""
    report(None, Said(trade(), id="e-1", account=("mt5", "Meridian-Live", "5012345")))
    pipeline.drain()
    with transaction():
        adjust(mia.id, alice.id, 5, EVIL, "a" * 32, now=NOW)
        adjust(mia.id, alice.id, 50_000, EVIL, "b" * 32, now=NOW)
        rejected = adjust(mia.id, alice.id, 60_000, EVIL, "c" * 32, now=NOW).proposal_id
        proposals.reject(omar.id, rejected or 0, now=NOW, note=EVIL)
        invitations.invite(dana.id, "pat@example.com", EVIL, "viewer", now=NOW)
        invitations.invite(dana.id, "sam@example.com", EVIL, "manager", now=NOW, note=EVIL)
        drafting.begin(mia.id, EVIL[:60], "trade.closed", now=NOW)
        drafting.begin_revision(mia.id, 1, now=NOW)
        keys.create(EVIL[:60], sealer(), now=NOW, source_key="broker", scopes=("send",), by=dana.id)
        for key in packs.in_force():
            packs.begin(mia.id, key, now=NOW)
        ladder.begin(mia.id, now=NOW)
    with transaction() as conn:
        for table, column in (
            *(("member", "name"), ("staff", "name"), ("legal_entity", "name"), ("source", "name"), ("api_key", "name")),
            *(("programme", "brand_name"), ("programme", "programme_name"), ("trading_account", "server")),
        ):
            conn.execute(text(f"UPDATE {table} SET {column} = :evil"), {"evil": EVIL})
        conn.execute(
            text("INSERT INTO broker_term (kind, key, name) VALUES ('lesson', 'a', :name), ('custom', 'b', :name)"),
            {"name": json.dumps(NAMED)},
        )
        for row in conn.execute(text("SELECT id, definition FROM draft")).all():
            told = row.definition if isinstance(row.definition, dict) else json.loads(row.definition)
            values = {"told": json.dumps(renamed(told)), "id": row.id}
            conn.execute(text("UPDATE draft SET definition = :told WHERE id = :id"), values)
        programme.touch(conn)
    propose_drafts(mia)
    forget()
    return alice


def propose_drafts(by: Person) -> None:
    """Ask for a second person for everything that is being written."""
    with transaction() as conn:
        for row in conn.execute(text("SELECT id, kind, version FROM draft ORDER BY id")).all():
            if row.kind == "rule":
                drafting.propose(by.id, row.id, EVIL, now=NOW)
            else:
                {"pack": packs, "ladder": ladder}[row.kind].propose(by.id, row.id, row.version, now=NOW, note=EVIL)


def approve_all(by: Person) -> int:
    """Put what was proposed in force; how much it was."""
    waiting = read_all(text("SELECT id FROM proposal WHERE state = 'open' AND draft_id IS NOT NULL"))
    for row in waiting:
        approve(by, row.id)
    return len(waiting)


def addresses(app: Flask) -> Iterator[str]:
    """Every page that a browser can ask for, of each of the first things there are."""
    adapter = app.url_map.bind("localhost")
    words = {"key": [row.key for row in read_all(text("SELECT key FROM pack"))], "kind": ["trade.closed"]}
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            for number in range(1, 9):
                values = sample(rule, number)
                for key in words.get(next(iter(rule.arguments & words.keys()), ""), ["x"]):
                    yield adapter.build(rule.endpoint, {n: key if v == "x" else v for n, v in values.items()})


def test_what_somebody_wrote_is_text_on_every_page(
    app: Flask, client: FlaskClient, hostile: Person, dana: Person, omar: Person
):
    sign_in(sign_in_staff(client, dana), hostile)
    for step in ("proposed", "in force"):
        seen, wrong = 0, []
        for address in sorted(set(addresses(app))):
            for headers in ({}, {"HX-Request": "true"}):
                answer = client.get(address, headers=headers)
                if answer.mimetype == "text/html":
                    seen += "&lt;img src=x" in answer.text
                    if answer.status_code >= 500 or RAW in answer.text:
                        wrong.append(f"{answer.status_code} {address} ({step})")
        assert not wrong
        assert seen > 60
        if step == "proposed":
            assert approve_all(omar) > 5
