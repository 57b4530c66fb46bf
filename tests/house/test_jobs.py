"""Every job has its handler in the worker, which knows only what app/worker.py imports."""

import ast

from tests.house.source import meant, report, sources

MARKS = {"job", "periodic"}


def named(decorator: ast.expr) -> str:
    """The name a decorator is written by, without its arguments or its module."""
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def test_the_worker_imports_every_module_with_a_job():
    with_jobs = {
        module
        for module, source in sources().items()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef) and any(named(decorator) in MARKS for decorator in node.decorator_list)
    }
    worker = sources()["app.worker"]
    imported = {meant(name) for _, name in worker.imports()} | {worker.module}
    forgotten = sorted(with_jobs - imported)
    assert with_jobs, "no function anywhere is decorated with @job or @periodic: have they been renamed?"
    assert not forgotten, report(
        "Modules with a job that the worker does not import, so that their work waits for ever",
        forgotten,
        "import them in app/worker.py",
    )
