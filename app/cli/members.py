"""`members …`: what the broker's staff do for members at the console."""

import click

from app.cli.command import Answer, command, read_password, table
from app.gamification.brand import brand
from app.gamification.errors import MemberNotFound
from app.gamification.members import enrolment, record
from app.gamification.members.passwords import check_strength
from app.lib import clock
from app.lib.i18n import LANGUAGES
from app.models.base import transaction
from app.models.people import ClientClass

CLASSES = ("retail", "professional", "eligible")

members = click.Group("members", help="Create members, link their trading accounts, look one up.")


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
        account_id = enrolment.link(member_id, platform, server, login, now=clock.now())
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


def find(email: str) -> int:
    """The id of the member with this address or external id; raises MemberNotFound."""
    member_id = record.find(email)
    if member_id is None:
        raise MemberNotFound(member=email)
    return member_id


for one in (create, link, show):
    members.add_command(one)

commands: list[click.Command] = [members]
