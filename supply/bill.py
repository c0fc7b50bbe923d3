"""The bill of materials: every library of the lock file as CycloneDX, with hashes, licence and what needs it.

Licences and needs are what the installed libraries say of themselves. A library that this machine has no use
for is on the bill without them.
"""

import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from uuid import NAMESPACE_OID, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from supply.lock import LOCK, Pinned, pinned

NAME = "intercoder"


def bill(lock: str) -> Bom:
    """The bill of the libraries in the text of a lock file; the same for the same text but for the moment."""
    components = [_component(each) for each in pinned(lock)]
    program = Component(type=ComponentType.APPLICATION, name=NAME, bom_ref=NAME, version=_version_of(NAME))
    made = Bom(serial_number=uuid5(NAMESPACE_OID, lock), components=components)
    made.metadata.component = program
    for component in (program, *components):
        needed = set(_needs(component.name))
        made.register_dependency(component, [each for each in components if each.name in needed])
    return made


def _component(library: Pinned) -> Component:
    where = [Property(name="intercoder:installed-where", value=library.where)] if library.where else []
    return Component(
        type=ComponentType.LIBRARY,
        name=library.name,
        version=library.version,
        bom_ref=f"{library.name}@{library.version}",
        purl=PackageURL("pypi", name=library.name, version=library.version),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in library.hashes],
        licenses=_licences(library.name),
        properties=where,
    )


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _version_of(name: str) -> str | None:
    found = _installed(name)
    return found.version if found else None


def _licences(name: str) -> list[License]:
    """What a library says its licence is: an SPDX expression, else its classifiers, else a line of text."""
    found = _installed(name)
    if found is None:
        return []
    make, about = LicenseFactory(), found.metadata
    if about["License-Expression"]:
        return [make.make_from_string(about["License-Expression"])]
    classified = [each.rsplit(" :: ", 1)[-1] for each in about.get_all("Classifier", []) if _is_licence(each)]
    said = classified or [line for line in (about["License"] or "").splitlines()[:1] if line]
    return [make.make_with_name(each) for each in said]


def _is_licence(classifier: str) -> bool:
    return classifier.startswith("License :: ") and classifier != "License :: OSI Approved"


def _needs(name: str) -> Iterator[str]:
    """The libraries that an installed one needs on this machine."""
    found = _installed(name)
    for written in (found.requires if found else None) or ():
        need = Requirement(written)
        if need.marker is None or need.marker.evaluate({"extra": ""}):
            yield canonicalize_name(need.name)


def main() -> None:
    """Write the bill of the lock file to the file named on the command line."""
    [place] = sys.argv[1:]
    JsonV1Dot6(bill(LOCK.read_text())).output_to_file(place, allow_overwrite=True, indent=2)
    print(f"{place}: {len(pinned(LOCK.read_text()))} libraries")


if __name__ == "__main__":
    main()
