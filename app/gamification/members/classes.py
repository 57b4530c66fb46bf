"""The client classes in words."""

from app.lib.i18n import _l
from app.models.people import ClientClass

TITLES = {
    ClientClass.UNKNOWN: _l("Client category not known yet"),
    ClientClass.RETAIL: _l("Retail client"),
    ClientClass.PROFESSIONAL: _l("Professional client"),
    ClientClass.ELIGIBLE: _l("Eligible counterparty"),
}
