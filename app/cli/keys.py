"""`keys …`: who may send activities to the API."""

import click

from app.cli.command import Answer, command, table
from app.gamification import keys as api_keys
from app.lib import clock
from app.lib.sealing import Sealer
from app.models.base import transaction
from app.routes.settings import settings

keys = click.Group("keys", help="Keys of the API: make, list, revoke.")


@command(
    "create",
    example="keys create 'MT5 bridge' --source broker --scope send",
    help="Make a key. Its secret is shown this once: it is kept sealed.",
)
@click.argument("name", default="API key")
@click.option("--source", default=api_keys.BROKER, show_default=True, help="Under which its activities are counted.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(list(api_keys.SCOPES)),
    multiple=True,
    default=list(api_keys.USUAL),
    show_default=True,
    help="What it may do; give it once for each.",
)
def create(name: str, source: str, scopes: tuple[str, ...]) -> Answer:
    sealer = Sealer(settings().installation_secret)
    with transaction():
        made = api_keys.create(name, sealer, now=clock.now(), source_key=source, scopes=scopes)
    facts = {"key": made.key, "secret": made.secret, "name": made.name, "source": made.source_key}
    lines = (f"key     {made.key}", f"secret  {made.secret}", "The secret is not shown again.")
    return Answer(facts | {"scopes": list(made.scopes)}, lines)


@command("list", example="keys list", help="List the keys, revoked ones too, without their secrets.")
def list_() -> Answer:
    heads = ("key", "name", "source", "scopes", "created_at", "last_used_at", "revoked_at")
    rows = [
        (
            key.key,
            key.name,
            key.source_key,
            " ".join(sorted(key.scopes)),
            key.created_at,
            key.last_used_at,
            key.revoked_at,
        )
        for key in api_keys.every()
    ]
    return Answer({"keys": [dict(zip(heads, row, strict=True)) for row in rows]}, table(rows, heads))


@command("revoke", example="keys revoke lk_0123456789abcdef01234567", help="End a key, for good.")
@click.argument("key")
def revoke(key: str) -> Answer:
    with transaction():
        api_keys.revoke(key, now=clock.now())
    return Answer({"key": key, "revoked": True}, (f"{key} is revoked.",))


for one in (create, list_, revoke):
    keys.add_command(one)

commands: list[click.Command] = [keys]
