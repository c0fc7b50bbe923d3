"""What the methods text counts besides: dates of posts, imports and what they left out, decisions."""

from pathlib import Path

from server.archive.recomputing.reading import Row, rows

Numbers = dict[str, int]
_BY_PEOPLE = {"adjudicated", "consensus"}
_EXCLUSIONS = ("new", "same_id", "unreadable", "nothing_to_code", "repeats", "not_drawn")


def dates(posts: list[Row]) -> dict[str, int | str | None]:
    """When the first and the last of the posts were posted, and how many have no date that could be read."""
    known = [row["posted_at"] for row in posts if row["posted_at"]]
    return {
        "undated": len(posts) - len(known),
        "first": min(known, default=None),
        "last": max(known, default=None),
    }


def imports(folder: Path) -> Numbers:
    """How many files were imported, and of the records in them how many were taken and left out, and why."""
    found = list(rows(folder, "imports.csv"))
    return {"files": len(found)} | {name: sum(int(row[name]) for row in found) for name in _EXCLUSIONS}


def decisions(folder: Path) -> Numbers:
    """How many decisions stand that people took, about how many posts, by consensus, and with a reason."""
    every = list(rows(folder, "decisions.csv"))
    # A row is a code, and a decision may have several.
    standing = {
        row["decision"]: row for row in every if row["stands"] == "1" and row["basis"] in _BY_PEOPLE
    }.values()
    return {
        "decisions": len(standing),
        "posts": len({row["post_id"] for row in standing}),
        "consensus": sum(row["basis"] == "consensus" for row in standing),
        "with_reasons": sum(row["has_reason"] == "1" for row in standing),
        "second_decisions": len({row["decision"] for row in every if row["basis"] == "second"}),
    }
