"""What a browser may ask of the results."""

from pydantic import BaseModel

from server.results.outcomes import Rule


class RuleForm(BaseModel):
    """Which rule speaks where no decision does."""

    rule: Rule = Rule.PLURALITY
