"""Which rules paid how much: the revisions of a rule together, as the programme knows them now."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from app.gamification.insight.reads import Earning
from app.gamification.policy.packs import Verdict
from app.gamification.programme import Programme


@dataclass(frozen=True, slots=True)
class Earner:
    """A rule with what it gave, and how often it refused."""

    rule_id: int
    name: Mapping[str, str]
    number: int  # of its newest revision
    by_pack: bool  # some law pack gives no points for it
    awards: int
    points: int
    misses: int


def earners(revisions: Mapping[int, Earning], current: Programme) -> tuple[Earner, ...]:
    """Every rule that was asked, the one that gave most first."""
    of_rule: defaultdict[int, list[int]] = defaultdict(list)
    for revision, rule in current.rules_by_revision.items():
        of_rule[rule.rule_id].append(revision)
    found = [_earner(sorted(of), revisions, current) for of in of_rule.values() if revisions.keys() & set(of)]
    return tuple(sorted(found, key=lambda one: (-one.points, -one.awards, -one.misses, one.rule_id)))


def _earner(of: list[int], revisions: Mapping[int, Earning], current: Programme) -> Earner:
    did = [revisions[revision] for revision in of if revision in revisions]
    rule = current.rules_by_revision[of[-1]]
    pays_for = current.pays_for(rule.definition.kind)
    by_pack = any(pack.verdicts[pays_for - 1] >= Verdict.RECOGNITION for pack in current.policy.every())
    sums = (sum(one.awards for one in did), sum(one.points for one in did), sum(one.misses for one in did))
    return Earner(rule.rule_id, rule.definition.name, len(of), by_pack, *sums)
