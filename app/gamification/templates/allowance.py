"""What a template's rules would pay, law by law: judged by the very code that judges awards."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from app.gamification.accrual.definition import Definition
from app.gamification.accrual.telling.sentence import main
from app.gamification.activities import kind_of
from app.gamification.policy.packs import Policy, Standing, Verdict, read_pack
from app.gamification.policy.starting import PACKS
from app.gamification.templates.registry import definitions
from app.lib.i18n import Sentence
from app.models.people import ClientClass


class Law(NamedTuple):
    """Clients of one standing: what their law is called, and the companies they are with."""

    key: str
    name: Mapping[str, str]
    client_class: ClientClass
    companies: tuple[str, ...]
    standing: Standing


class Row(NamedTuple):
    """One rule and what it pays under each law; None where it is not meant for these clients."""

    rule: Definition
    verdicts: tuple[Verdict | None, ...]

    @property
    def said(self) -> Sentence:
        """What earns what, as members will read it."""
        return main(self.rule)


class Allowance(NamedTuple):
    """A template under the laws of some companies."""

    laws: tuple[Law, ...]
    rows: tuple[Row, ...]

    def by_verdict(self, row: Row) -> list[tuple[Verdict | None, list[Law]]]:
        """The laws that say the same of a rule, together; the most generous first."""
        found: dict[Verdict | None, list[Law]] = {}
        for law, verdict in zip(self.laws, row.verdicts, strict=True):
            found.setdefault(verdict, []).append(law)
        return sorted(found.items(), key=lambda pair: Verdict.FORBID + 1 if pair[0] is None else pair[0])

    def paying(self, place: int) -> int:
        """How many rules pay points under the law of that place."""
        return sum(row.verdicts[place] in (Verdict.ALLOW, Verdict.SERVICE_ONLY) for row in self.rows)


class Company(NamedTuple):
    """As much of a legal entity as its law depends on."""

    name: str
    country: str
    pack_key: str


def allowed(template: str, companies: Iterable[Company]) -> Allowance:
    """What each rule of a template pays to the retail clients of these companies, and to their professionals."""
    laws = _laws(companies)
    rows = tuple(Row(rule, tuple(_judge(rule, law) for law in laws)) for rule in definitions(template))
    return Allowance(laws, rows)


def _laws(companies: Iterable[Company]) -> tuple[Law, ...]:
    found: dict[str, Law] = {}
    for client_class in (ClientClass.RETAIL, ClientClass.PROFESSIONAL):
        for company in companies:
            standing = starting_policy().standing(company.pack_key, company.country, client_class)
            pack = standing.strictest
            if client_class is ClientClass.PROFESSIONAL and not _protects(company):
                continue  # the law makes no difference between its clients
            law = found.get(pack.key) or Law(pack.key, pack.name, client_class, (), standing)
            found[pack.key] = law._replace(companies=(*law.companies, company.name))
    return tuple(found.values())


def _protects(company: Company) -> bool:
    return starting_policy().standing(company.pack_key, company.country, ClientClass.RETAIL).strictest.retail


def _judge(rule: Definition, law: Law) -> Verdict | None:
    kind = kind_of(rule.kind)
    assert kind is not None
    if rule.audience.classes and law.client_class not in rule.audience.classes:
        return None
    return law.standing.judge(kind.pays_for)


@cache
def starting_policy() -> Policy:
    """The law packs as every programme starts with them."""
    return Policy({key: read_pack(key, place, plain) for place, (key, plain) in enumerate(PACKS.items(), start=1)})
