"""claims.md: each claim names a test that exists, each citation a claim that exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLAIMS_MD = ROOT / "zgtui" / "theory" / "claims.md"
HEADING = re.compile(r"^### (\d+)\. (.+)$", re.MULTILINE)
NUMBERS = r"(\d+(?:(?:, | and |, and )\d+)*)"
CITATION = re.compile(rf"\b[Cc]laims?(?:\.md)?,? (?:claims? )?{NUMBERS}|_claim_(\d+)")


def claims() -> dict[int, str]:
    """The text of each claim by its number."""
    section = CLAIMS_MD.read_text("utf-8").split("\n## The claims\n")[1].split("\n## ")[0]
    _, *parts = HEADING.split(section)
    return {int(number): text for number, text in zip(parts[::3], parts[2::3], strict=True)}


def proofs_of(claim: str) -> list[str]:
    """The tests that the text of a claim names as its proof."""
    return re.findall(r"`(test_\w+)`", claim.split("- Proof:")[1])


def cited(text: str) -> list[int]:
    """The numbers of all claims that ``text`` cites, also where a citation is wrapped."""
    flat = re.sub(r"\s+(?:# )?", " ", text)
    lists = (first or second for first, second in CITATION.findall(flat))
    return [int(number) for numbers in lists for number in re.findall(r"\d+", numbers)]


def files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    here = [path for path in found if path.suffix in {".py", ".md"} and path != Path(__file__)]
    return sorted({*here, ROOT / "README.md"})


@cache
def defined_tests() -> frozenset[str]:
    """The names of all test functions of the project."""
    trees = (ast.parse(path.read_text("utf-8")) for path in (ROOT / "tests").rglob("test_*.py"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = (node for tree in trees for node in ast.walk(tree))
    return frozenset(node.name for node in nodes if isinstance(node, kinds))


def test_claims_are_numbered_from_1_without_a_gap() -> None:
    assert list(claims()) == list(range(1, len(claims()) + 1))
    assert len(claims()) >= 19


@pytest.mark.parametrize("number", claims())
def test_every_claim_says_where_it_holds_and_which_test_proves_it(number: int) -> None:
    text = claims()[number]
    assert "- Bounds: " in text
    assert proofs_of(text)
    assert set(proofs_of(text)) <= defined_tests()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("cos ω = 1 - q/2 (claim 2).", [2]),
        ("(claims.md 3)", [3]),
        ("(claims 3, 7, 10, 14)", [3, 7, 10, 14]),
        ("closed forms (claims\n    # 2, 8 and 10)", [2, 8, 10]),
        ("claims.md, claim 5", [5]),
        ("def test_the_factor_of_claim_10() -> None:", [10]),
        ("claims that 3 of 4 users", []),
    ],
)
def test_citations_are_found_in_every_form(text: str, numbers: list[int]) -> None:
    assert cited(text) == numbers


def test_every_citation_names_a_claim_that_exists() -> None:
    by_file = {
        path: cited(path.read_text("utf-8")) for path in files("zgtui", "tests", "screenshots")
    }
    assert sum(len(numbers) for path, numbers in by_file.items() if path != CLAIMS_MD) > 30
    wrong = {path: set(numbers) - set(claims()) for path, numbers in by_file.items()}
    assert not {path: numbers for path, numbers in wrong.items() if numbers}


def test_no_document_is_cited_that_the_project_does_not_hold() -> None:
    lost = [path for path in files("zgtui", "tests") if "THEORY.md" in path.read_text("utf-8")]
    assert not lost
