"""Why a file cannot be taken as an account statement, and what its owner can do about it."""

from app.lib.i18n import _l

SENTENCES = {
    "empty": _l("The file is empty. Save the report in MetaTrader or cTrader again and choose the new file."),
    "too_large": _l(
        "The file is larger than %(megabytes)s MB. Save the report for shorter periods and import these one by one."
    ),
    "too_many_rows": _l(
        "The report has more than %(rows)s rows. Save it for shorter periods and import these one by one."
    ),
    "too_much_inside": _l(
        "This workbook unpacks to far more than a report holds, so it was not opened. Save it in MetaTrader again."
    ),
    "too_wide": _l("The file has rows of more than %(columns)s columns. An account report has none: choose another."),
    "too_deep": _l("The file is nested deeper than any account report. Save the report in MetaTrader again."),
    "forbidden_markup": _l(
        "The workbook contains declarations that no report needs, so it was not opened. Save it in MetaTrader again."
    ),
    "damaged": _l(
        "The file is damaged or not complete. Save the report in MetaTrader or cTrader again and choose the new file."
    ),
    "cut_short": _l("The report stops in the middle. Save it in MetaTrader again and choose the new file."),
    "unknown_format": _l(
        "This is not an account report that we can read. In MetaTrader, open the account history, "
        "choose Report, and save it as HTML or XLSX. In cTrader, open History and export it as CSV."
    ),
    "missing_columns": _l(
        "The export does not show %(columns)s. In cTrader, open History, right-click the headings, "
        "show these columns and export it again."
    ),
    "several_accounts": _l("The file holds more than one account. Save a file for each and send these one by one."),
    "no_currency": _l("The report does not say the currency of the account. Save it in MetaTrader again."),
    "bad_value": _l(
        "Row %(row)s of the report has “%(value)s” where a number or a time belongs. "
        "Save the report again, without editing it."
    ),
}


class UnreadableStatement(ValueError):
    """A file that is not a readable statement; `sentence` with its `values` says why and what to do next."""

    def __init__(self, reason: str, **values: str | int) -> None:
        self.reason = reason
        self.sentence = SENTENCES[reason]
        self.values = values
        super().__init__(self.sentence % values)
