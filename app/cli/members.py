"""`members …`: what the broker's staff do for members at the console."""

import os
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from app.cli.command import Answer, Problem, command, read_password, table, to_json_value
from app.gamification.brand import brand
from app.gamification.errors.members import MemberNotFound, NotTheirNumber
from app.gamification.members import archive, disclosure, enrolment, erasure, record
from app.gamification.members.passwords import check_strength
from app.gamification.trading_accounts import linking
from app.gamification.trading_accounts.names import clean
from app.lib import clock
from app.lib.i18n import LANGUAGES
from app.models.base import transaction
from app.models.people import ClientClass

CLASSES = ("retail", "professional", "eligible")

members = click.Group("members", help="Create members, link their accounts, look one up, export, erase.")


@command(
    "create",
    example="members create ann@example.com --name 'Ann Lee' --country AE --client-class professional",
    help="Create a member with an empty wallet. Without a password the member sets one by “forgot password”.",
)
@click.argument("email")
@click.option("--name", help="Full name; the address up to the @ when left out.")
@click.option("--country", default="", help="Two letters of ISO 3166, such as AE.")
@click.option("--client-class", type=click.Choice(CLASSES), help="The broker's class; unknown if left out.")
@click.option("--external-id", help="The broker's own id of the client, by which activities may name the member.")
@click.option("--entity", help="Key of the legal entity; the one that takes clients of the country when left out.")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="en", help="Language of pages and mail.")
@click.option("--time-zone", default="UTC", help="Zone of the member's days, such as Asia/Dubai.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
def create(
    email: str,
    name: str | None,
    country: str,
    client_class: str | None,
    external_id: str | None,
    entity: str | None,
    language: str,
    time_zone: str,
    password_stdin: bool,
) -> Answer:
    name = name or email.partition("@")[0]
    password = read_password(password_stdin)
    if password is not None:
        check_strength(password, email, name)
    with transaction():
        member_id = enrolment.enrol(
            email,
            name,
            now=clock.now(),
            country=country,
            client_class=ClientClass[(client_class or "unknown").upper()],
            external_id=external_id,
            password=password,
            language=language,
            time_zone=time_zone,
            entity_key=entity or _entity_for(country),
            verified=True,
        )
    made = record.read(member_id)
    return Answer(made.facts(), (f"Member {made.id} is {made.name} <{made.email}>.",))


def _entity_for(country: str) -> str | None:
    """As the form that joins does; without a country nobody knows, and the strictest law applies."""
    entity = brand().entity_for(country.upper()) if country else None
    return entity.key if entity else None


@command(
    "link",
    example="members link ann@example.com mt5 Meridian-Live 5012345",
    help="Make a trading account a member's; what it did before is processed now.",
)
@click.argument("email")
@click.argument("platform")
@click.argument("server")
@click.argument("login")
def link(email: str, platform: str, server: str, login: str) -> Answer:
    member_id = find(email)
    with transaction():
        account_id = linking.link(member_id, *clean(platform, server, login), via="console", by=None, now=clock.now())
    facts = {"member": member_id, "account": account_id, "platform": platform, "server": server, "login": login}
    return Answer(facts, (f"{login} on {server} ({platform}) belongs to member {member_id}.",))


@command("show", example="members show ann@example.com --json", help="Show a member's standing and accounts.")
@click.argument("email")
def show(email: str) -> Answer:
    facts = record.read(find(email)).facts()
    accounts = facts["accounts"]
    rows = [(name.replace("_", " "), value) for name, value in facts.items() if name != "accounts"]
    lines = table(rows, ("member", email))
    if accounts:
        heads = ("platform", "server", "login", "currency")
        lines += ("", *table([tuple(account[head] for head in heads) for account in accounts], heads))
    return Answer(facts, lines)


@command(
    "export",
    example="members export ann@example.com ann.zip",
    help="Write everything that is known of a member into an archive of JSON and CSV files, which must not exist yet.",
)
@click.argument("email")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(email: str, file: Path) -> Answer:
    member_id, now = find(email), clock.now()
    try:
        # Private: whoever else has an account on this machine is not meant to read it.
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            with transaction():
                disclosure.disclose(None, member_id, now=now)
            opened.writelines(archive.written(member_id, said, now))
        with zipfile.ZipFile(file) as whole:
            names = sorted(whole.namelist())
    except OSError as error:
        raise Problem(f"The file cannot be written: {error.strerror}. Choose another name.") from error
    facts = {"member": member_id, "file": str(file), "parts": names}
    return Answer(facts, (f"Everything known of member {member_id} is in {file}. It is personal: keep it so.",))


@command(
    "erase",
    example="members erase ann@example.com --number 17",
    help="Blank everything that says who a member is, for good. The ledger stays, by number alone.",
)
@click.argument("email")
@click.option("--number", type=int, required=True, help="The member's number, so that it is nobody else: members show.")
def erase(email: str, number: int) -> Answer:
    member_id = find(email)
    if number != member_id:
        raise NotTheirNumber(member=str(member_id))
    with transaction():
        erasure.erase(None, member_id, now=clock.now())
    return Answer({"member": member_id, "erased": True}, (f"Nothing says any more who member {member_id} was.",))


def said(value: Any) -> str:
    """What the archive has no word for, as the console says it; days as dates."""
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else to_json_value(value)


def find(email: str) -> int:
    """The id of the member with this address or external id; raises MemberNotFound."""
    member_id = record.find(email)
    if member_id is None:
        raise MemberNotFound(member=email)
    return member_id


for one in (create, link, show, export, erase):
    members.add_command(one)

commands: list[click.Command] = [members]
