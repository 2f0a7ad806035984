"""Every shipped example is played on the reference model too: a wrong expectation must convince two readings."""

from pathlib import Path

import pytest

from tests.reference.example import Example, load
from tests.reference.reading import UnknownHereError

EXAMPLES = sorted((Path(__file__).parents[2] / "commissions" / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_shipped_example_holds_for_the_reference_model(path: Path):
    try:
        example = Example(load(path.read_text(encoding="utf-8")))
        example.play()
    except UnknownHereError as unknown:
        pytest.skip(f"not in the reference model: {unknown}")
    assert example.differences() == []
