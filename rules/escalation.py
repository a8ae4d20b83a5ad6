"""Named conditions under which a flag is more serious. A rule's head names them; each is one small function.

A condition sees the finding, the lines it stands on and the case. Families may register their own:

    @condition("dispensed within 120 days")
    def _dispensed_lately(_finding, lines, case): ...
"""

from collections.abc import Callable

from rules.rule import Finding
from rules.tables.high_alert import high_alert_groups, substance_groups
from rules.view import CaseView, LineView

Lines = tuple[LineView, ...]
Condition = Callable[[Finding, Lines, CaseView], bool]
CONDITIONS: dict[str, Condition] = {}


def condition(name: str) -> Callable[[Condition], Condition]:
    """Register a condition under the name that rules use. Raises ValueError where the name is taken."""

    def named(check: Condition) -> Condition:
        if name in CONDITIONS:
            msg = f"condition {name!r} is taken"
            raise ValueError(msg)
        CONDITIONS[name] = check
        return check

    return named


def value_condition(name: str, value: str) -> None:
    """Register a condition that holds where the finding's named value `value` is true."""
    condition(name)(lambda finding, _lines, _case: bool(finding.values.get(value)))


def alert_groups(finding: Finding, lines: Lines, *, omission: bool = False) -> frozenset[str]:
    """High-alert groups that count for this flag: of the one substance it is about, else of any of its lines."""
    if finding.substance:
        alone = frozenset(
            g
            for line in lines
            if line.substances == (finding.substance,)
            for atc in line.atcs
            for g in high_alert_groups(atc, omission=omission)
        )
        return alone | substance_groups(finding.substance)
    found: set[str] = set()
    for line in lines:
        besides: list[str | None] = [atc for other in lines if other is not line for atc in other.atcs]
        for atc in line.atcs:
            for beside in besides or [None]:
                found |= high_alert_groups(atc, omission=omission, beside=beside)
    return frozenset(found)


@condition("high-alert")
def _high_alert(finding: Finding, lines: Lines, _case: CaseView) -> bool:
    return bool(alert_groups(finding, lines))


@condition("high-alert for omission")
def _high_alert_omission(finding: Finding, lines: Lines, _case: CaseView) -> bool:
    """As high-alert, and every antiepileptic: a left-out dose can mean a seizure (A01, A02, A03, B05)."""
    return bool(alert_groups(finding, lines, omission=True))


@condition("antithrombotic, insulin, antiepileptic or Parkinson drug")
def _dangerous_to_miss(finding: Finding, lines: Lines, _case: CaseView) -> bool:
    return bool(
        alert_groups(finding, lines, omission=True) & {"antithrombotic", "insulin", "antiepileptic", "parkinson"}
    )


@condition("opioid")
def _opioid(_finding: Finding, lines: Lines, _case: CaseView) -> bool:
    return any(line.in_group("opioid") for line in lines)


@condition("opioid or benzodiazepine")
def _opioid_or_benzodiazepine(_finding: Finding, lines: Lines, _case: CaseView) -> bool:
    return any(line.in_group("opioid", "benzodiazepine") for line in lines)


value_condition("ratio at least 2", "ratio_at_least_2")
