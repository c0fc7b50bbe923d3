"""What a browser may send to publish a version that gives codings another meaning."""

from server.codebooks.forms import PublishForm


class FatedForm(PublishForm):
    """The word to publish. What becomes of codings stands in fields of their own; see `Choice.name`."""

    shows_earlier: bool = False
