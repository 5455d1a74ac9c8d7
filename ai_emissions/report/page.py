"""Lays the figures out as one HTML page that needs nothing beside it."""

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from ai_emissions.report import choices, coverage, findings, method, overview
from ai_emissions.report.marts import Marts
from ai_emissions.report.quantities import alone, markup


def render(folder: Path) -> str:
    """The page of the marts published in ``folder``.

    Raises ReportError if a mart is missing, empty or of another version, or is published anew meanwhile.
    """
    marts = Marts(folder)
    environment = Environment(
        loader=PackageLoader("ai_emissions.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["alone"] = alone
    environment.filters["number"] = markup
    page = environment.get_template("page.html").render(
        head=overview.headline(marts),
        trend=overview.trend(marts),
        breakdown=overview.breakdown(marts),
        coverage=coverage.coverage(marts),
        sureness=coverage.sureness(marts),
        sensitivity=choices.sensitivity(marts),
        what_if=choices.what_if(marts),
        intensity=choices.intensity(marts),
        restated=choices.restated(marts),
        findings=findings.findings(marts),
        equivalences=method.equivalences(marts),
        cards=method.cards(marts),
        factors=method.factors(marts),
        settings=method.settings(marts),
        made=method.made(folder),
        docs=method.DOCS,
    )
    marts.check_unchanged()
    return page
