"""`handoff …`: the keys that the broker's sign-in links are checked with, and a link to try one by."""

from pathlib import Path
from typing import Any

import click

from app.cli.command import Answer, Problem, command, table
from app.gamification.handoff import keys, signing
from app.lib import clock
from app.models.base import transaction
from app.models.people import ClientClass
from app.routes.settings import settings

handoff = click.Group("handoff", help="Sign-in from the broker's site: its public keys, and a link to try.")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
LARGEST = 10_000  # bytes of a file that holds a key
CLASSES = [one.name.lower() for one in ClientClass]


@command(
    "add",
    example="handoff add 'Client portal' public.pem",
    help="Keep a public key (Ed25519, PEM or JWK). Its fingerprint is what links name as kid.",
)
@click.argument("name")
@click.argument("file", type=FILE)
def add(name: str, file: Path) -> Answer:
    text = _content(file).decode("utf-8", "replace")
    with transaction():
        key_id = keys.add(name, text, now=clock.now())
    kept = next(key for key in keys.every() if key.id == key_id)
    facts = {"id": key_id, "key": kept.key, "name": kept.name}
    return Answer(facts, (f"kid  {kept.key}", f"aud  {settings().public_url.rstrip('/')}"))


@command("list", example="handoff list", help="List the keys, retired ones too.")
def list_() -> Answer:
    heads = ("key", "name", "created_at", "retired_at")
    rows = [(key.key, key.name, key.created_at, key.retired_at) for key in keys.every()]
    return Answer({"keys": [dict(zip(heads, row, strict=True)) for row in rows]}, table(rows, heads))


@command(
    "retire",
    example="handoff retire kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
    help="End a key, for good: no link that is signed with it is taken any more.",
)
@click.argument("key")
def retire(key: str) -> Answer:
    with transaction():
        keys.retire(key, now=clock.now())
    return Answer({"key": key, "retired": True}, (f"{key} is retired.",))


@command(
    "link",
    example="handoff link C-17 private.pem --email ann@example.com --account mt5 Meridian-Live 5012345",
    help="Print a link that signs a client in, as the broker's site would: to try it, for a minute, once.",
)
@click.argument("client")
@click.argument("private_key", type=FILE)
@click.option("--email", help="The client's address, as checked by the broker.")
@click.option("--name", help="Full name.")
@click.option("--country", help="Two letters of ISO 3166, such as AE.")
@click.option(
    "--client-class", type=click.Choice([one.name.lower() for one in ClientClass]), help="The broker's class."
)
@click.option("--entity", help="Key of the legal entity.")
@click.option("--language", help="Language of the pages, where the client is new.")
@click.option("--account", "accounts", type=(str, str, str), multiple=True, help="Platform, server and login.")
def link(
    client: str,
    private_key: Path,
    client_class: str | None,
    accounts: tuple[tuple[str, str, str], ...],
    **claims: str | None,
) -> Answer:
    said: dict[str, Any] = {name: value for name, value in {**claims, "class": client_class}.items() if value}
    if accounts:
        said["accounts"] = [dict(zip(("platform", "server", "login"), account, strict=True)) for account in accounts]
    key = signing.private_key(_content(private_key))
    address = signing.link(key, client, settings().public_url, now=clock.now(), **said)
    return Answer({"link": address, "key": key.thumbprint()}, (address,))


def _content(file: Path) -> bytes:
    with file.open("rb") as opened:
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Problem("This file is too large to hold a key.")
    return content


for one in (add, list_, retire, link):
    handoff.add_command(one)

commands: list[click.Command] = [handoff]
