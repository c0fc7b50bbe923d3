"""Objects within objects, records of other shapes, and projects that contradict themselves."""

import json
from collections.abc import Callable, Iterator
from functools import partial

from tests.corpora.hostile_files.given import (
    CODEBOOK_,
    POSTS,
    QDE,
    QDPX,
    RATINGS,
    Hostile,
)
from tests.corpora.workbooks import archive


def nested() -> Iterator[Hostile]:
    files: dict[str, Callable[[], bytes]] = {
        "lists": lambda: b"[" * 200_000,
        "closed lists": lambda: b"[" * 100_000 + b"]" * 100_000,
        "objects": lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "in a record": lambda: b'[{"id": "1", "text": "x", "a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}]",
        "flat enough": lambda: (
            b'[{"id": "1", "text": "x", "a": ' + b'{"b":' * 400 + b"1" + b"}" * 400 + b"}]"
        ),
        "in a line": lambda: b'{"id": "1", "text": "x", "a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}\n",
        "wide": lambda: json.dumps(
            [{"id": "1", "text": "x"} | {f"k{n}": n for n in range(100_000)}]
        ).encode(),
        "lists of lists": lambda: json.dumps([[["id", "text"]]] * 1_000).encode(),
        "scalars": lambda: b'[1, 2, null, true, "x"]',
        "null": lambda: b"null",
    }
    for name, make in files.items():
        yield Hostile("nested", name, "x.json", make, (POSTS, RATINGS))
    levels = 20_000
    deep = b"<Code guid='1' name='x'>" * levels
    opening = b'<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes>'
    yield Hostile("nested", "codes", "x.qdc", lambda: opening + deep, (CODEBOOK_, QDPX))
    whole = deep + b"</Code>" * levels + b"</Codes></CodeBook>"
    yield Hostile("nested", "whole codes", "x.qdc", lambda: opening + whole, (CODEBOOK_, QDPX))
    project = QDE.replace(b"<Codes>", b"<Codes>" + deep + b"</Code>" * levels)
    yield Hostile("nested", "project", "x.qde", lambda: project, (CODEBOOK_, QDPX))


def shapes() -> Iterator[Hostile]:
    """Records of known programs in which other things stand than these programs write."""
    wrong: tuple[str, ...] = (
        "null",
        "[]",
        "{}",
        "[[]]",
        "1",
        '"x"',
        '[{"result": [1]}]',
        '[{"result": 5}]',
        '[{"result": {"a": 1}}]',
    )
    wrong += (
        '[{"result": [{"type": [], "value": {}}]}]',
        '[{"result": [{"type": "choices", "value": 3}]}]',
        '[{"result": [{"type": "choices", "from_name": {}, "value": {"choices": {"a": 1}}}]}]',
        '[{"result": [{"type": "taxonomy", "value": {"taxonomy": [1, []]}}], "completed_by": [1]}]',
        '[{"result": [{"type": "textarea", "value": {"text": {"a": []}}}], "updated_at": []}]',
    )
    for place, said in enumerate(wrong):
        task = f'[{{"id": {said}, "data": {{"id": {said}, "text": "x"}}, "annotations": {said}}}]'
        real = (
            f'[{{"data": {{"id": {said}}}, "annotations": [{{"completed_by": {said}, "result": {said}}}]}}]'
        )
        labels = f'{{"a": {said}, "b": {{"c": {said}}}}}'
        line = f'{{"instance_id": {said}, "user_id": {said}, "label_annotations": {labels}}}'
        item = f'{{"id": {said}, "text": {said}, "label": [{said}], "annotator": {said}}}'
        tweet = f'{{"id": {said}, "text": {said}, "author_id": {said}}}'
        post = f'{{"data": [{tweet}], "includes": {said}, "meta": {said}}}'
        for name, content in {"task": task, "result": real, "line": line, "item": item, "post": post}.items():
            yield Hostile(
                "shapes", f"{name} {place}", "x.json", partial(str.encode, content), (POSTS, RATINGS)
            )


def projects() -> Iterator[Hostile]:
    """REFI-QDA projects that contradict themselves."""
    said = {
        "codes of nobody": QDE.replace(b'"c"/><Code guid="d"', b'"x"/><Code guid="x"'),
        "no guids": QDE.replace(b' guid="t"', b"").replace(b' guid="c"', b""),
        "same sources": QDE.replace(
            b"</Sources>", b'<TextSource guid="t" name="one"/>' * 500 + b"</Sources>"
        ),
        "another root": QDE.replace(b"Project", b"Projekt"),
        "no namespace": QDE.replace(b' xmlns="urn:QDA-XML:project:1.0"', b""),
        "two codebooks": QDE.replace(
            b"<Sources>", QDE[QDE.index(b"<CodeBook>") : QDE.index(b"<Sources>")] + b"<Sources>"
        ),
        "long names": QDE.replace(b'"milk"', b'"' + b"m" * 100_000 + b'"'),
        "many codes": QDE.replace(b"<Codes>", b"<Codes>" + b'<Code guid="z" name="z"/>' * 20_000),
        "users of one name": many_times(b'<User guid="%d" name="A"/>', b"Users"),
        "variables of one name": many_times(
            b'<Variable guid="%d" name="A" typeOfVariable="Text"/>', b"Variables"
        ),
        "many rounds": QDE.replace(b'"O"', b'"Intercoder"').replace(b"<PlainText", rounds(20_000), 1),
        "groups": many_times(b'<User guid="%d" name="A"/>', b"Users")
        .replace(b'"O"', b'"Intercoder"')
        .replace(
            b"</Project>",
            b'<Notes><Note guid="n" name="Annotators"><PlainTextContent>'
            + b"A: B\n" * 50_000
            + b"A: " * 50_000
            + b"</PlainTextContent></Note></Notes></Project>",
        ),
        "own": QDE.replace(b'"O"', b'"Intercoder"'),
    }
    for name, content in said.items():
        make = partial(archive, {"project.qde": content, "sources/T.TXT": b"One."})
        yield Hostile("projects", name, "x.qdpx", make, (QDPX, CODEBOOK_))


def many_times(one: bytes, within: bytes) -> bytes:
    """The project with a list of very many of the same."""
    found = b"".join(one % place for place in range(30_000))
    return QDE.replace(b"<CodeBook>", b"<%b>%b</%b><CodeBook>" % (within, found, within))


def rounds(count: int) -> bytes:
    """Selections of so many rounds, and the beginning of another one."""
    one = (
        b'<PlainTextSelection guid="s" name="Round %d" startPosition="0" endPosition="3"><Coding guid="k">'
        b'<CodeRef targetGUID="c"/></Coding></PlainTextSelection>'
    )
    return b"".join(one % number for number in range(count)) + b"<PlainText"
