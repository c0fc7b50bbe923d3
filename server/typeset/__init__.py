"""Tables for papers in APA style: one table of cells already formatted, and a module a kind of file. Pure."""

from server.typeset.kinds import Kind, typeset
from server.typeset.tables import ApaTable, Column, Section

__all__ = ["ApaTable", "Column", "Kind", "Section", "typeset"]
