"""The registry of kinds."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from app.lib.registry import KeyTaken, Registry, UnknownKind


def kind(key: str) -> type:
    return type(key.title(), (), {"key": key})


def test_a_kind_is_found_by_its_key():
    planets: Registry[object] = Registry("planet")
    mars = planets.register(kind("mars"))
    assert planets.get("mars") is mars


def test_all_kinds_come_in_order_of_key():
    planets: Registry[object] = Registry("planet")
    venus, mars = planets.register(kind("venus")), planets.register(kind("mars"))
    assert planets.all() == [mars, venus]


def test_two_kinds_with_one_key_refuse_to_start():
    planets: Registry[object] = Registry("planet")
    planets.register(kind("mars"))
    with pytest.raises(KeyTaken, match="Two planet kinds have the key 'mars'"):
        planets.register(kind("mars"))


def test_an_unknown_key_is_named_beside_the_known_ones():
    planets: Registry[object] = Registry("planet")
    planets.register(kind("venus"))
    planets.register(kind("mars"))
    with pytest.raises(UnknownKind, match=r"no planet kind 'pluto'\. Known are: mars, venus"):
        planets.get("pluto")


def test_the_kinds_of_a_package_are_found_without_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    planets: Registry[object] = Registry("planet")
    nursery = ModuleType("nursery")
    nursery.planets = planets  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "nursery", nursery)
    package = tmp_path / "planet_kinds"
    package.mkdir()
    (package / "__init__.py").touch()
    for name in ("mars", "venus"):
        lines = ["from nursery import planets", "@planets.register", f"class {name.title()}:", f"    key = '{name}'"]
        (package / f"{name}.py").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(tmp_path)
    planets.discover(__import__("planet_kinds"))
    assert [one.__name__ for one in planets.all()] == ["Mars", "Venus"]
