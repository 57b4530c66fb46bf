"""Templates, compiled once a language: what never changes within one is worked out then, not at every page.

A page's frame is some sixty sentences, icons and addresses; looked up for each reader they cost several times as much
as the reading of the database.
"""

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, cast

from flask import Flask
from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.visitor import NodeTransformer

from app.routes.language import Language, language

FUNCTIONS = frozenset({"_", "gettext", "pgettext", "asset", "url_for"})
# Macros that look at nothing but their arguments; a form's token, for one, is each reader's own.
SETTLED_MACROS = frozenset({"icons", "ui"})


class SpeakingEnvironment(Environment):
    """Hands each template out in the reader's language; while developing it settles nothing and reads files again."""

    spoken: Language | None = None

    def in_language(self, spoken: Language) -> "SpeakingEnvironment":
        """The environment whose templates are compiled for one language."""
        overlays: dict[str, SpeakingEnvironment] = self.__dict__.setdefault("_by_language", {})
        if spoken.code not in overlays:
            overlay = self.overlay()
            overlay.spoken = spoken
            macros = {name: Macros(overlay, name) for name, known in self.globals.items() if isinstance(known, Macros)}
            overlay.globals = {**self.globals, **spoken.words(), **macros}
            overlays.setdefault(spoken.code, overlay)
        return overlays[spoken.code]

    def _load_template(self, name: str, globals: MutableMapping[str, Any] | None) -> Template:
        if self.spoken is None:
            return self.in_language(language())._load_template(name, globals)
        return super()._load_template(name, globals)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        if self.spoken is None or self.auto_reload:
            return tree
        settled: nodes.Template = _Settle(self).visit(tree)
        return settled


class _Settle(NodeTransformer):
    """Replaces calls of settled functions and macros with what they answer, where every argument is written out."""

    def __init__(self, environment: SpeakingEnvironment) -> None:
        self._environment = environment

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.CallBlock:
        # The macro takes the block's body as well; only its arguments can be settled.
        for field in ("args", "kwargs"):
            setattr(node.call, field, [self.visit(one) for one in getattr(node.call, field)])
        node.body = [self.visit(one) for one in node.body]
        return node

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:
        self.generic_visit(node)
        called = self._called(node.node)
        if called is None or node.dyn_args is not None or node.dyn_kwargs is not None:
            return node
        try:
            arguments = [one.as_const() for one in node.args]
            named = {one.key: one.value.as_const() for one in node.kwargs}
            answer = called(*arguments, **named)
        except Exception:
            # An argument known only later, or an address that this installation lacks: asked again when rendered.
            return node
        settled = nodes.Const(answer, lineno=node.lineno)
        settled.set_environment(self._environment)
        return settled

    def _called(self, node: nodes.Expr) -> Any:
        known = self._environment.globals
        if isinstance(node, nodes.Name) and node.name in FUNCTIONS:
            return known.get(node.name)
        if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name in SETTLED_MACROS:
            return getattr(known[node.node.name], node.attr, None)
        return None


class Macros:
    """A file of macros as a template global, in the language of its environment, else in the reader's."""

    def __init__(self, environment: SpeakingEnvironment, name: str) -> None:
        self._environment, self._path = environment, f"macros/{name}.html"

    def __getattr__(self, macro: str) -> Any:
        found = getattr(self._environment.get_template(self._path).module, macro)
        if self._environment.spoken is not None and not self._environment.auto_reload:
            self.__dict__[macro] = found
        return found


def install(app: Flask) -> None:
    """Give templates every file of macros under its own name: `ui.pill(…)`."""
    environment = cast(SpeakingEnvironment, app.jinja_env)
    for path in sorted(Path(app.root_path, "templates", "macros").glob("*.html")):
        environment.globals[path.stem] = Macros(environment, path.stem)
