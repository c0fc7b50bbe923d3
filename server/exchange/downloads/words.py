"""The formats and shapes of downloads, in words."""

from server.datasets.table import Format
from server.exchange.downloads.wanted import SHAPES, Shape, What
from server.language import gettext as _

Options = tuple[tuple[str, str], ...]


def format_options() -> Options:
    """The formats that can be chosen."""
    return (
        (Format.CSV.value, _("CSV, for nearly every program")),
        (Format.XLSX.value, _("Excel (.xlsx), with a sheet that explains every column")),
        (Format.SPSS.value, _("SPSS (.sav), with labels")),
        (Format.STATA.value, _("Stata (.dta), with labels")),
        (Format.R.value, _("R (.zip): the data, and a script that reads them")),
        (Format.JSON_LINES.value, _("JSON Lines (.jsonl), an object a row")),
        (Format.PARQUET.value, _("Parquet (.parquet), for Arrow, pandas and polars")),
    )


def shape_options(what: What) -> Options:
    """The shapes of these data, the usual one first."""
    words = {
        (What.FINAL, Shape.WIDE): _("Wide: a row a post, columns for each question"),
        (What.FINAL, Shape.LONG): _("Long: a row for each value of a post"),
        (What.CODINGS, Shape.LONG): _("Long: a row for each code that was given"),
        (What.CODINGS, Shape.WIDE): _("Wide: a row for each coding, columns for each question"),
        (What.AGREEMENT, Shape.TIDYCOMM): _("tidycomm: a row for each annotator of a post"),
        (What.AGREEMENT, Shape.RECAL): _("ReCal: a matrix for each question, in an archive (.zip)"),
    }
    return tuple((shape.value, words[what, shape]) for shape in SHAPES[what])
