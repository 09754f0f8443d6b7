"""The reference page of the metrics says what the catalogue says."""

from pathlib import Path

from app.performance.reference import metrics_page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"


def test_the_page_is_that_of_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == metrics_page()
