"""Exports that are plain tables: Communalytic, Meta Content Library, Brandwatch, CrowdTangle."""

from server.corpora.exports.base import TableExport

META = TableExport(
    "Meta Content Library",
    frozenset({"id", "creation_time", "text", "post_owner.id"}),
    {
        "id": ("id",),
        "text": ("text",),
        "author": ("post_owner.username", "post_owner.name", "post_owner.id"),
        "date": ("creation_time",),
        "link": ("mcl_url", "url"),
    },
)
COMMUNALYTIC = TableExport(
    "Communalytic",
    frozenset({"id", "username", "date", "text"}),
    {
        "id": ("id",),
        "text": ("text",),
        "author": ("username",),
        "date": ("date",),
        "link": ("link", "url"),
        "thread": ("root_id", "root_uri", "conversation_id"),
        "parent": ("parent_id", "reply_to", "parent_uri"),
    },
    marks_gone=True,
)
BRANDWATCH = TableExport(
    "Brandwatch",
    frozenset({"Query Id", "Query Name", "Date", "Url", "Full Text", "Author"}),
    {
        "id": ("Resource Id", "Url"),
        "text": ("Full Text",),
        "author": ("Author",),
        "date": ("Date",),
        "link": ("Url",),
        "thread": ("Thread Id",),
    },
)
CROWDTANGLE = TableExport(
    "CrowdTangle",
    frozenset({"Page Name", "Facebook Id", "Post Created", "URL", "Message"}),
    {
        "id": ("URL",),
        "text": ("Message",),
        "author": ("User Name", "Page Name"),
        "date": ("Post Created",),
        "link": ("URL",),
    },
)
