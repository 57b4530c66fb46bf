"""The law packs: every pack on every fact, and which of two packs a member stands under."""

from itertools import product

import pytest

from app.gamification.activities import PaysFor
from app.gamification.policy.packs import Pack, Policy, Verdict, read_pack
from app.gamification.policy.starting import EEA, PACKS
from app.models.people import ClientClass

STRICT = {
    PaysFor.TRADING: Verdict.FORBID,
    PaysFor.DEPOSIT: Verdict.FORBID,
    PaysFor.REFERRAL: Verdict.RECOGNITION,
    PaysFor.ONBOARDING: Verdict.RECOGNITION,
    PaysFor.CONTEST: Verdict.RECOGNITION,
    PaysFor.LEARNING: Verdict.SERVICE_ONLY,
    PaysFor.HABIT: Verdict.SERVICE_ONLY,
    PaysFor.COMMUNITY: Verdict.SERVICE_ONLY,
    PaysFor.SERVICE: Verdict.SERVICE_ONLY,
}
OPEN = dict.fromkeys(PaysFor, Verdict.ALLOW)
MATRIX = {
    "eu_retail": STRICT,
    "uk_retail": STRICT,
    "au_retail": STRICT,
    "unknown": STRICT,
    "professional": OPEN,
    "offshore": OPEN,
}
UNKNOWN, RETAIL, PROFESSIONAL, ELIGIBLE = ClientClass


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy({key: read_pack(key, number, plain) for number, (key, plain) in enumerate(PACKS.items(), start=1)})


@pytest.mark.parametrize(("key", "fact"), list(product(PACKS, PaysFor)))
def test_each_pack_on_each_fact(policy: Policy, key: str, fact: PaysFor):
    assert policy.pack(key).verdicts[fact - 1] == MATRIX[key][fact]


def test_the_matrix_covers_every_seeded_pack():
    assert set(MATRIX) == set(PACKS)


@pytest.mark.parametrize(
    ("entity", "country", "client_class", "packs", "trading"),
    [
        # The entity's pack and the country's agree.
        ("eu_retail", "CY", RETAIL, ("eu_retail", "eu_retail"), Verdict.FORBID),
        ("uk_retail", "GB", RETAIL, ("uk_retail", "uk_retail"), Verdict.FORBID),
        ("au_retail", "AU", RETAIL, ("au_retail", "au_retail"), Verdict.FORBID),
        ("offshore", "AE", RETAIL, ("offshore", "offshore"), Verdict.ALLOW),
        # The stricter wins, whichever it is.
        ("offshore", "DE", RETAIL, ("offshore", "eu_retail"), Verdict.FORBID),
        ("eu_retail", "AE", RETAIL, ("eu_retail", "offshore"), Verdict.FORBID),
        ("uk_retail", "AU", RETAIL, ("uk_retail", "au_retail"), Verdict.FORBID),
        # Professionals and eligible counterparties are not protected as retail clients are.
        ("eu_retail", "CY", PROFESSIONAL, ("professional", "professional"), Verdict.ALLOW),
        ("uk_retail", "GB", ELIGIBLE, ("professional", "professional"), Verdict.ALLOW),
        ("offshore", "FR", PROFESSIONAL, ("offshore", "professional"), Verdict.ALLOW),
        # What is unknown is the strictest, whatever else is known.
        ("offshore", "", RETAIL, ("offshore", "unknown"), Verdict.FORBID),
        ("offshore", "", PROFESSIONAL, ("offshore", "unknown"), Verdict.FORBID),
        ("offshore", "AE", UNKNOWN, ("offshore", "unknown"), Verdict.FORBID),
        ("", "AE", RETAIL, ("unknown", "offshore"), Verdict.FORBID),
        ("", "AE", PROFESSIONAL, ("unknown", "offshore"), Verdict.FORBID),
        ("a pack nobody knows", "AE", PROFESSIONAL, ("unknown", "offshore"), Verdict.FORBID),
        ("", "", UNKNOWN, ("unknown", "unknown"), Verdict.FORBID),
    ],
)
def test_who_stands_where(
    policy: Policy, entity: str, country: str, client_class: ClientClass, packs: tuple[str, str], trading: Verdict
):
    standing = policy.standing(entity, country, client_class)
    assert standing.pack_keys == packs
    assert standing.revision_ids == tuple(policy.pack(key).revision_id for key in packs)
    assert standing.judge(PaysFor.TRADING) == trading
    assert policy.standing(entity, country, client_class) is standing


@pytest.mark.parametrize("country", [*EEA, "GB", "GI", "AU"])
def test_retail_clients_of_protected_countries_get_nothing_for_trades_or_deposits(policy: Policy, country: str):
    standing = policy.standing("offshore", country, RETAIL)
    assert standing.judge(PaysFor.TRADING) == standing.judge(PaysFor.DEPOSIT) == Verdict.FORBID
    assert standing.judge(PaysFor.LEARNING) == Verdict.SERVICE_ONLY
    assert standing.strictest.key == standing.pack_keys[1]


def test_the_stricter_is_taken_fact_by_fact():
    def pack(key: str, **facts: str) -> Pack:
        return read_pack(
            key, 1, {"name": {}, "facts": dict.fromkeys(("trading", "learning", "habit"), "allow") | facts}
        )

    policy = Policy(
        {
            "unknown": pack("unknown"),
            "offshore": pack("offshore", trading="recognition", habit="service_only"),
            "half": pack("half", learning="forbid", trading="service_only"),
        }
    )
    standing = policy.standing("half", "AE", RETAIL)
    verdicts = [standing.judge(fact) for fact in (PaysFor.TRADING, PaysFor.LEARNING, PaysFor.HABIT)]
    assert verdicts == [Verdict.RECOGNITION, Verdict.FORBID, Verdict.SERVICE_ONLY]


def test_a_fact_that_a_pack_does_not_name_is_forbidden():
    pack = read_pack("new", 1, {"name": {"en": "New"}, "facts": {"learning": "allow"}})
    assert [fact for fact in PaysFor if pack.verdicts[fact - 1] != Verdict.FORBID] == [PaysFor.LEARNING]


def test_a_verdict_that_does_not_exist_is_refused():
    with pytest.raises(KeyError):
        read_pack("new", 1, {"name": {}, "facts": {"trading": "perhaps"}})


@pytest.mark.parametrize("key", PACKS)
def test_strict_packs_say_which_rule_forbids_and_every_pack_warns_in_three_languages(key: str):
    definition = PACKS[key]
    if definition["facts"]["trading"] == "forbid":
        assert definition["cites"].keys() >= {"trading", "deposit"}
    for texts in (definition["name"], definition["warning"]):
        assert texts.keys() == {"en", "ar", "zh"}
    assert all("%(loss)s" in warning for warning in definition["warning"].values())
