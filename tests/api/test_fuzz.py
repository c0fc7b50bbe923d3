"""Programs that ask anything at all: no answer is an accident of ours, and each is as described.

Schemathesis (Hatfield-Dodds & Dygalo, 2022) makes requests from the OpenAPI document, fitting and others.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from schemathesis.checks import CheckFunction
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response as Answer
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from server.api.application import document_of
from tests.access_table import PERSONS
from tests.api.scene import BASE, Programs, bearer
from tests.stock import on_one_database
from tests.trust.reporting import report
from tests.trust.sizes import size

EXAMPLES = size(2, 1_000)
WITHOUT_PARAMETERS = {"GET /projects"}  # There is one way to ask.
PARTS = size(1, 2)  # Which may run side by side.
CHECKS: list[CheckFunction] = [
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
    unsupported_method,
]


# A body that is too long is refused as such, whatever else is wrong with it.
REFUSALS = [400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 503]
CONFIG = schemathesis.Config.from_dict(
    {"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}}
)


@on_one_database
@pytest.mark.timeout(size(120, 36_000))
@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_is_asked_is_answered_as_described(programs: Programs, app: FastAPI, part: int) -> None:
    statuses: dict[str, Counter[int]] = {person: Counter() for person in programs.tokens}
    assert set(statuses) == set(PERSONS)
    schema = schemathesis.openapi.from_dict(_about_the_study(app, programs), config=CONFIG)
    operations: list[Any] = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) == 11
    asked = {each.label: _ask(programs, each, statuses) for each in operations[part::PARTS]}
    assert {label for label, n in asked.items() if n < EXAMPLES} <= WITHOUT_PARAMETERS
    assert not [status for said in statuses.values() for status in said if status >= 500]
    for line in _measured(asked, statuses):
        report(18, line)


def _measured(asked: dict[str, int], statuses: dict[str, Counter[int]]) -> Iterator[str]:
    """How many examples of each operation there were at least; fewer where there is one way to ask."""
    few = "".join(f"; {label}: {n}" for label, n in sorted(asked.items()) if n < EXAMPLES)
    full = [n for n in asked.values() if n >= EXAMPLES]
    yield f"{len(full)} operations, {len(statuses)} people: {min(full)} examples at least{few}; 0 breaks"
    for person, said in statuses.items():
        told = ", ".join(f"{count} × {status}" for status, count in sorted(said.items()))
        yield f"{person}: {sum(said.values())} requests ({told})"


def _ask(programs: Programs, operation: Any, statuses: dict[str, Counter[int]]) -> int:
    """Make examples, and ask each of them as everybody: to make one takes longer than to answer all.

    Returns how many examples there were.
    """
    asked: list[str] = []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(operation.as_strategy(), operation.as_strategy(generation_mode=_NEGATIVE)))
    def ask(case: Any) -> None:
        for person, said in statuses.items():
            note(f"asked as {person}")
            said[_asked(programs, case, person)] += 1

        asked.append(operation.label)

    ask()
    return len(asked)


_NEGATIVE = schemathesis.GenerationMode.NEGATIVE


def _about_the_study(app: FastAPI, programs: Programs) -> dict[str, Any]:
    """The document with the key of the study, and without the token, which is sent in any case."""
    document: dict[str, Any] = json.loads(json.dumps(document_of(app.state.interface)))
    del document["security"], document["components"]["securitySchemes"]
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                if parameter["name"] == "project_key":
                    parameter["schema"] = {"const": programs.key}
    return document


def _asked(programs: Programs, case: Any, person: str) -> int:
    sent = case.as_transport_kwargs(base_url=f"http://127.0.0.1:8000{BASE}")
    headers = {**dict(sent.pop("headers", {}) or {}), **bearer(programs.tokens[person])}
    sent.pop("cookies", None)
    content = {"content": sent.pop("data")} if "data" in sent else {}
    answer = programs.client.request(headers=headers, **sent, **content)
    case.validate_response(Answer.from_any(answer), checks=CHECKS)
    return int(answer.status_code)
