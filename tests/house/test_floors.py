"""The floors: a file imports its own floor or a lower one, and nothing imports in a circle."""

from tests.house.source import meant, report, sources

# The longest prefix decides.
FLOORS = {
    "wsgi": 5,
    "run": 5,
    "app.factory": 5,
    "app.worker": 5,
    "app.cli": 5,
    "app.seeds": 5,
    "app.routes": 4,
    "app.gamification": 3,
    "app.tasks": 2,
    "app.platforms": 2,
    "app.models": 1,
    "app.lib": 0,
    "app.config": 0,
    "app": 0,
}
WEB = ("flask", "werkzeug", "jinja2", "wtforms", "htmx_flask")


def floor_of(module: str) -> int | None:
    """The floor a module stands on; None when nobody gave it one."""
    parts = module.split(".")
    prefixes = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next(
        (FLOORS[prefix] for prefix in prefixes if prefix in FLOORS and (prefix != "app" or module == "app")), None
    )


def test_every_file_stands_on_a_floor():
    homeless = [source.name for module, source in sources().items() if floor_of(module) is None]
    assert not homeless, report(
        "Files that belong to no floor",
        homeless,
        "move them to a folder of docs/architecture.md, or name the new one there",
    )


def test_imports_never_go_up():
    upward = []
    for module, source in sources().items():
        for line, imported in source.imports():
            target = meant(imported)
            if target and (floor_of(target) or 0) > (floor_of(module) or 0):
                upward.append(
                    f"{source.name}:{line} (floor {floor_of(module)}) imports {target} (floor {floor_of(target)})"
                )
    assert not upward, report(
        "Imports that go up",
        upward,
        "move what both need to the lower floor, or let the upper one hand it over as an argument",
    )


def test_the_rules_of_the_product_know_no_web():
    webbed = [
        f"{source.name}:{line} imports {imported}"
        for module, source in sources().items()
        if module.startswith("app.gamification")
        for line, imported in source.imports()
        if imported.split(".")[0].startswith(WEB)
    ]
    assert not webbed, report(
        "The product's rules know the web", webbed, "hand the value in as an argument from the route"
    )


def test_nothing_imports_in_a_circle():
    graph = {
        module: sorted({target for _, name in source.imports() if (target := meant(name)) and target != module})
        for module, source in sources().items()
    }
    circle = find_circle(graph)
    assert not circle, report(
        "Modules that import each other", [" -> ".join(circle)], "move what both need into a module of its own"
    )


def find_circle(graph: dict[str, list[str]]) -> list[str]:
    """One circle of a directed graph, its first node repeated at the end; empty when there is none."""
    done: set[str] = set()

    def walk(node: str, way: list[str]) -> list[str]:
        if node in way:
            return [*way[way.index(node) :], node]
        if node in done:
            return []
        for following in graph[node]:
            if circle := walk(following, [*way, node]):
                return circle
        done.add(node)
        return []

    return next((circle for node in graph if (circle := walk(node, []))), [])
