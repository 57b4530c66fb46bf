"""Every sentence stands in every language, with the same placeholders, in the catalogue that is really loaded."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from flask import Flask

from app.lib.i18n import DEFAULT_LANGUAGE, LANGUAGES
from tests.house.source import ROOT, report

TRANSLATIONS = ROOT / "app/translations"
PLACEHOLDER = re.compile(r"%\((\w+)\)")
EXTRACT = "pybabel extract -F pyproject.toml -k _l -k _n:1,2 --no-location --sort-output -o messages.pot app"
# A line of the catalogue as wide as one of the code, and no dates: a changed sentence is all that a change shows.
KEEP = "--no-fuzzy-matching --ignore-obsolete --width 120 --ignore-pot-creation-date"
UPDATE = f"{EXTRACT} && pybabel update -i messages.pot -d app/translations {KEEP}"
COMPILE = "pybabel compile -d app/translations"
others = pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {DEFAULT_LANGUAGE}))


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Everything in the source that is marked for translation, found by the command that a person would use."""
    path = tmp_path_factory.mktemp("sentences") / "messages.pot"
    command = EXTRACT.replace("messages.pot", str(path)).replace("pyproject.toml", str(ROOT / "pyproject.toml"))
    CommandLineInterface().run(["pybabel", "--quiet", *command.split()[1:-1], str(ROOT / "app")])
    with path.open("rb") as file:
        return read_po(file)


def catalogue(language: str) -> Catalog:
    """A language's translations as people edit them."""
    with po_path(language).open("rb") as file:
        return read_po(file, locale=language)


def po_path(language: str) -> Path:
    return TRANSLATIONS / language / "LC_MESSAGES/messages.po"


def forms(message: Message) -> list[str]:
    """The translation, or each of its plural forms."""
    return [message.string] if isinstance(message.string, str) else list(message.string)


def originals(message: Message) -> list[str]:
    """The English sentence, or its singular and plural."""
    return [message.id] if isinstance(message.id, str) else list(message.id)


def own(catalog: Catalog) -> Iterator[Message]:
    """The messages of a catalogue without its header."""
    return (message for message in catalog if message.id)


@others
def test_every_sentence_is_translated(sentences: Catalog, language: str):
    known = {(message.context, str(message.id)): message for message in own(catalogue(language))}
    missing = []
    for sentence in own(sentences):
        translation = known.get((sentence.context, str(sentence.id)))
        if translation is None or not all(forms(translation)):
            missing.append(f"{originals(sentence)[0]!r}")
        elif translation.fuzzy:
            missing.append(f"{originals(sentence)[0]!r} (only guessed: marked fuzzy)")
    assert not missing, report(
        f"{len(missing)} sentences without a translation into {LANGUAGES[language]} ({language})",
        missing,
        f"{UPDATE}; fill them in {po_path(language).relative_to(ROOT)}; {COMPILE}",
    )


@others
def test_nothing_is_translated_that_nobody_says(sentences: Catalog, language: str):
    said = {(message.context, str(message.id)) for message in own(sentences)}
    unsaid = [
        f"{originals(message)[0]!r}"
        for message in own(catalogue(language))
        if (message.context, str(message.id)) not in said
    ]
    assert not unsaid, report(f"Translations into {language} of sentences that are gone", unsaid, UPDATE)


@others
def test_translations_keep_the_placeholders(language: str):
    wrong = []
    for message in own(catalogue(language)):
        wanted = {name for original in originals(message) for name in PLACEHOLDER.findall(original)}
        found = [set(PLACEHOLDER.findall(form)) for form in forms(message)]
        # A plural form may say the number in a word, as Arabic does for one and two; the last must show it.
        if any(names - wanted for names in found) or found[-1] != wanted:
            wrong.append(
                f"{originals(message)[0]!r}: wanted {sorted(wanted)}, found {[sorted(names) for names in found]}"
            )
    assert not wrong, report(
        f"Translations into {language} with other placeholders", wrong, "write each %(name)s as in English"
    )


@others
def test_the_loaded_catalogue_is_the_edited_one(language: str):
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    fresh = {(message.context, str(message.id)): forms(message) for message in own(read_mo(compiled))}
    mo_path = po_path(language).with_suffix(".mo")
    assert mo_path.exists(), f"{mo_path.relative_to(ROOT)} is not there. To mend it: {COMPILE}"
    with mo_path.open("rb") as file:
        loaded = {(message.context, str(message.id)): forms(message) for message in own(read_mo(file))}
    stale = sorted(f"{key[1]!r}" for key in fresh.keys() | loaded.keys() if fresh.get(key) != loaded.get(key))
    assert not stale, report(f"{mo_path.relative_to(ROOT)} is older than its .po", stale[:20], COMPILE)


def test_templates_read_sentences_as_they_are_extracted(app: Flask):
    assert app.jinja_env.policies["ext.i18n.trimmed"] is True, (
        "Sentences that span lines are looked up with their line ends, but extracted without them. "
        'To mend it: app.jinja_env.policies["ext.i18n.trimmed"] = True in app/factory.py'
    )
