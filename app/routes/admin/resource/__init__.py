"""One pattern for everything that is configured: list, new, edit, duplicate, retire, history, export and import.

A resource says what it is (columns, filters, a `Settings` dataclass, what creating and changing mean); addresses,
pages, forms, paging and files are the same for all, here. routes/access.py opens its pages to whom they are for.
"""

from app.routes.admin.resource.described import Column, Filter, Proposed, Resource, registered
from app.routes.admin.resource.files import csv_file, plain_cell
from app.routes.admin.resource.listing import PER_PAGE, Listing, listing
from app.routes.admin.resource.pages import blueprint

__all__ = [
    "PER_PAGE",
    "Column",
    "Filter",
    "Listing",
    "Proposed",
    "Resource",
    "blueprint",
    "csv_file",
    "listing",
    "plain_cell",
    "registered",
]
