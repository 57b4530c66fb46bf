"""What is mailed about questions. The texts stay on the pages: a mail may be read by whoever has the phone."""

from app.gamification.members.letters import Letter
from app.gamification.questions.words import TOPICS
from app.lib.i18n import Sentence, _l

_WHY = _l("You get a mail when we answer a question of yours.")


def asked(member_id: int, question_id: int, topic: str) -> Letter:
    """To the address of the broker's support: somebody waits."""
    values = {"member": str(member_id), "topic": Sentence(TOPICS.get(topic, TOPICS["other"]))}
    return Letter(
        Sentence(_l("Member %(member)s asks: %(topic)s"), values),
        (
            Sentence(_l("Member %(member)s has written to you, about: %(topic)s."), values),
            Sentence(_l("At the desk you see the question beside the decision that it is about, and answer there.")),
        ),
        Sentence(_l("Open the question")),
        f"/admin/questions/{question_id}",
    )


def answered(name: str, programme: str, question_id: int, way_out: str) -> Letter:
    """To the member: there is something to read."""
    return Letter(
        Sentence(_l("%(programme)s has answered your question"), {"programme": programme}),
        (
            Sentence(_l("Hello %(name)s,"), {"name": name}),
            Sentence(_l("Your question has an answer. You find it beside what you asked about.")),
            Sentence(_l("To write back, use the page, not this mail.")),
        ),
        Sentence(_l("Read the answer")),
        f"/questions/{question_id}#newest",
        unsubscribe=way_out,
        why=Sentence(_WHY),
    )


def closed(name: str, programme: str, question_id: int, way_out: str) -> Letter:
    """To the member whose question was closed without an answer."""
    return Letter(
        Sentence(_l("%(programme)s has closed your question"), {"programme": programme}),
        (
            Sentence(_l("Hello %(name)s,"), {"name": name}),
            Sentence(_l("Your question was closed without an answer. Write in it again, and it is open again.")),
        ),
        Sentence(_l("Open the question")),
        f"/questions/{question_id}#newest",
        unsubscribe=way_out,
        why=Sentence(_WHY),
    )
