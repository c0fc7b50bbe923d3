"""What a browser may send to publish a version that gives codings another meaning."""

from server.codebooks.forms import PublishForm


class FatedForm(PublishForm):
    """The word to publish. What becomes of codings stands in fields of their own; see `Choice.name`.

    `was_asked`: it comes from the page that asks for that.
    """

    was_asked: bool = False
    shows_earlier: bool = False
