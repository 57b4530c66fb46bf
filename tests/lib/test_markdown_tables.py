"""Tables that are wide at the head and empty below: a short text makes no long page of them."""

import pytest

from app.lib.markdown import LONGEST, MOST_UNWRITTEN_CELLS, render


@pytest.mark.parametrize("columns", [2, 30, 100, 300, 2000])
def test_a_wide_head_makes_no_page_of_empty_cells(columns: int):
    head = f"{'|a' * columns}\n{'|-' * columns}\n"
    text = head + "|b\n" * ((LONGEST - len(head)) // 3)
    made = str(render(text[:LONGEST]).html)
    assert made.count("<td>") + made.count("<th>") <= LONGEST // 2 + 2 * MOST_UNWRITTEN_CELLS
    assert len(made) < 20 * LONGEST


def test_a_table_may_leave_cells_empty():
    made = str(render("|a|b|c|\n|-|-|-|\n|1|\n|2|3|").html)
    assert made.count("<tr>") == 3
    assert made.count("<td>") == 6
