"""What a rule is: one small function whose docstring is the pharmacist's page, signed and dated.

A rule looks at a `LineView`, a pair of them, or the whole `CaseView`, and returns the named values its sentence
needs with the statements behind them (`Finding`), or `None`. It never raises, logs, looks anything up, or writes a
sentence. Severity says how soon, owners say who; escalations are data: the name of a condition
(`rules/escalation.py`) and the severity it gives.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from formats.statement import Source
from rules.conclusion import Owner, Severity
from rules.marks import ALWAYS, Mark
from rules.page import Page, read_page


class Scope(StrEnum):
    """What a rule is shown.

    `line`: `rule(line, case)`. `pair`: `rule(a, b, case)`, once for each two lines that share a substance, an ATC
    code or an ATC level 4 group, `a.key < b.key`. `case`: `rule(case)`.
    """

    LINE = "line"
    PAIR = "pair"
    CASE = "case"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule found: named values for its sentence, and the ids of the statements behind it.

    `about`: "" is the line's key (line), or the substances of both (pair); a case rule must say it (`CAVE penicillin`).
    `lines`: keys it stands on; filled by the runner for line and pair rules, by the rule itself for case rules.
    `substance`: what high-alert is judged on where the flag is about one substance (clarification 28), else the lines.
    `owner`: only where the rule itself moves the first actor (clarifications 24, 26, 27). `rests_on`: the sources
    whose silence this flag rests on; it is not raised while one of them is limited (P13).
    """

    values: Mapping[str, Any]
    evidence: tuple[str, ...]
    about: str = ""
    lines: tuple[str, ...] = ()
    substance: str = ""
    owner: Owner | None = None
    until: date | None = None
    rests_on: tuple[Source, ...] = ()


Found = Finding | Iterable[Finding] | None
Check = Callable[..., Found]
Texts = Mapping[str, str]
LANGUAGES = ("nb", "nn", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule with its page. `code` is never renamed or used again. `reviewed` is the day of the last reading.

    `sentence` and `action` are templates over the finding's values; `action` is Bokmål and may be "".
    `step_up`: conditions that raise the severity one step, at most to critical. `cap`: conditions that
    settle the severity before anything escalates. `disputes`: the flag makes its line DISPUTED (clarification 13 b-d).
    `needs`: marks without which a line rule can't fire, so that it is not asked (`rules/marks.py`).
    """

    code: str
    slug: str
    severity: Severity
    escalate: Mapping[str, Severity]
    owners: tuple[Owner, ...]
    name: Texts
    sentence: Texts
    scope: Scope
    check: Check
    page: Page
    action: str = ""
    closes_when: str = ""
    step_up: tuple[str, ...] = ()
    cap: Mapping[str, Severity] = field(default_factory=dict)
    advisory: bool = False
    disputes: bool = False
    needs: Mark = ALWAYS
    source: str
    author: str
    reviewed: date
    next_review: date

    def __post_init__(self) -> None:
        if not self.owners:
            msg = f"{self.code}: a rule needs an owner"
            raise ValueError(msg)
        for texts in (self.name, self.sentence):
            if set(texts) != set(LANGUAGES) or not all(texts.values()):
                msg = f"{self.code}: name and sentence are written in nb, nn and en"
                raise ValueError(msg)
        if not any(e.fires for e in self.page.examples) or all(e.fires for e in self.page.examples):
            msg = f"{self.code}: the page shows an example that fires and one that does not"
            raise ValueError(msg)


DEFAULT_CLOSING = "Et nyere utsagn viser at forholdet er rettet, i en liste der kildene flagget hviler på er komplette."
AUTHOR = "medrec-prosjektet"
REVIEWED = date(2026, 11, 25)
NEXT_REVIEW = date(2027, 11, 25)


def rule(  # noqa: PLR0913 - a rule's head is a form with many fields, each named where it is filled in
    *,
    code: str,
    slug: str,
    severity: Severity,
    owners: tuple[Owner, ...],
    name: Texts,
    sentence: Texts,
    source: str,
    escalate: Mapping[str, Severity] | None = None,
    step_up: tuple[str, ...] = (),
    cap: Mapping[str, Severity] | None = None,
    action: str = "",
    closes_when: str = DEFAULT_CLOSING,
    scope: str = "line",
    advisory: bool = False,
    disputes: bool = False,
    needs: Mark = ALWAYS,
    author: str = AUTHOR,
    reviewed: date = REVIEWED,
    next_review: date = NEXT_REVIEW,
) -> Callable[[Check], Rule]:
    """Make the decorated function a `Rule`; its docstring becomes the page. Raises ValueError on an incomplete one."""

    def signed(check: Check) -> Rule:
        return Rule(
            code=code,
            slug=slug,
            severity=severity,
            escalate=dict(escalate or {}),
            owners=owners,
            name=dict(name),
            sentence=dict(sentence),
            scope=Scope(scope),
            check=check,
            page=read_page(code, check.__doc__ or ""),
            action=action,
            closes_when=closes_when,
            step_up=step_up,
            cap=dict(cap or {}),
            advisory=advisory,
            disputes=disputes,
            needs=needs,
            source=source,
            author=author,
            reviewed=reviewed,
            next_review=next_review,
        )

    return signed
