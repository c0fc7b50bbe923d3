"""Workbooks put together by hand, so that every byte of a cell is known."""

import gzip
from io import BytesIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STYLES = (
    f'<styleSheet {_MAIN}><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd hh:mm"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>'
)


def zipped(**members: bytes) -> bytes:
    """A zip of files; `__` in a name stands for a dot."""
    return archive({name.replace("__", "."): content for name, content in members.items()})


def archive(members: dict[str, bytes]) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return packed.getvalue()


def packed(content: bytes) -> bytes:
    return gzip.compress(content)


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def cell(place: str, stored: str, kind: str = "n", style: int = 0) -> str:
    return f'<c r="{place}" t="{kind}" s="{style}"><v>{stored}</v></c>'


def xlsx(
    sheets: dict[str, list[str]], *, strings: tuple[str, ...] = (), hidden: tuple[str, ...] = ()
) -> bytes:
    """A workbook; of each sheet the rows, each as the cells in it."""
    members = {"[Content_Types].xml": b"<Types/>", "xl/styles.xml": _STYLES.encode()}
    named, related = "", ""
    for place, (name, rows) in enumerate(sheets.items(), start=1):
        state = ' state="hidden"' if name in hidden else ""
        named += f'<sheet name="{name}" sheetId="{place}" r:id="rId{place}"{state}/>'
        related += f'<Relationship Id="rId{place}" Target="worksheets/sheet{place}.xml"/>'
        body = "".join(f'<row r="{number}">{row}</row>' for number, row in enumerate(rows, start=1))
        members[f"xl/worksheets/sheet{place}.xml"] = (
            f"<worksheet {_MAIN}><sheetData>{body}</sheetData></worksheet>".encode()
        )
    members["xl/workbook.xml"] = (
        f'<workbook {_MAIN} xmlns:r="{_RELATED}"><sheets>{named}</sheets></workbook>'.encode()
    )
    members["xl/_rels/workbook.xml.rels"] = f"<Relationships>{related}</Relationships>".encode()
    if strings:
        shared = "".join(f"<si>{one}</si>" for one in strings)
        members["xl/sharedStrings.xml"] = f"<sst {_MAIN}>{shared}</sst>".encode()
    return archive(members)


def table_rows(*rows: tuple[str, ...]) -> list[str]:
    """Rows of plain texts."""
    return [
        "".join(text_cell(f"{'ABCDEFGH'[place]}{number}", text) for place, text in enumerate(row))
        for number, row in enumerate(rows, start=1)
    ]


def ods(body: str) -> bytes:
    """A spreadsheet in OpenDocument with these tables."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>{body}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return archive({"mimetype": kind, "content.xml": content.encode()})
