"""The design of a round from what it keeps of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from server.rounds.design import Order, Purpose, RoundDesign, Sharing
from server.rounds.models import Round
from server.rounds.picks import Crew, Picks


def design_in(row: Round) -> RoundDesign:
    """What the lead decided when the round was planned. Silent gold and a training first are left out."""
    kept: Mapping[str, Any] = row.design
    chosen = kept.get("filter") or {"field": "", "values": ()}
    queue = kept.get("queue")
    return RoundDesign(
        title=row.title,
        purpose=Purpose(row.purpose),
        annotators=tuple(kept.get("annotators", ())),
        seed=kept.get("seed", 0),
        k=kept.get("k") or 1,
        double_share=kept.get("double_share"),
        double_field=kept.get("double_field", ""),
        sample_size=kept.get("sample_size"),
        filter_field=chosen["field"],
        filter_values=tuple(chosen["values"]),
        unused=kept.get("unused") or ("any" if kept.get("leaves_out_used") else ""),
        order=Order(kept.get("order", Order.RANDOM.value)),
        sharing=Sharing(**queue) if queue else None,
        picks=_picks(kept),
        crew=_crew(kept),
    )


def _picks(kept: Mapping[str, Any]) -> Picks:
    return Picks(
        since=_day(kept.get("since")),
        until=_day(kept.get("until")),
        disputed=kept.get("disputed", ""),
        disputed_on=kept.get("disputed_on", ""),
        flagged=tuple(kept.get("flagged", ())),
        strata_field=kept.get("strata_field", ""),
        per_stratum=kept.get("per_stratum"),
    )


def _crew(kept: Mapping[str, Any]) -> Crew:
    return Crew(
        quotas=tuple((int(of), most) for of, most in kept.get("quotas", {}).items()),
        language_field=kept.get("language_field", ""),
        languages=tuple((int(of), tuple(read)) for of, read in kept.get("languages", {}).items()),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
