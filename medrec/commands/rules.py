"""`medrec rules`: the rulebook as a pharmacist reads it, made from the rules themselves."""

import argparse
import json
from collections.abc import Iterable
from typing import Any

from medrec.cli import Refused
from medrec.phrases import condition
from medrec.wording import OWNER, SEVERITY
from rules.conclusion import Owner, Severity
from rules.page import Example
from rules.rule import Rule
from rules.rulebook import RULE_SET, RULES

UNSIGNED = "Klinisk innhold er et forslag uten klinisk godkjenning."
FORMATS = ("text", "markdown", "json")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("codes", nargs="*", metavar="CODE", help="only these kinds, as D02")
    parser.add_argument("--format", choices=FORMATS, default="text")


def run(args: argparse.Namespace) -> int:
    """Print the rulebook, or the pages asked for."""
    rules = _asked(args.codes)
    if args.format == "json":
        book = {"rule_set": RULE_SET, "notice": UNSIGNED, "rules": [rule_json(r) for r in rules]}
        print(json.dumps(book, ensure_ascii=False, indent=1))
    elif args.format == "markdown":
        print("\n".join(_markdown(rules)))
    else:
        print("\n".join(_text(rules)))
    return 0


def _asked(codes: list[str]) -> tuple[Rule, ...]:
    wanted = {code.upper() for code in codes}
    unknown = wanted - {r.code for r in RULES}
    if unknown:
        msg = f"no such kind: {', '.join(sorted(unknown))}"
        raise Refused(msg)
    return tuple(r for r in RULES if not wanted or r.code in wanted)


def _head(rule: Rule) -> list[str]:
    """Severity, escalations and who acts, in words."""
    lines = [f"Alvor: {SEVERITY[rule.severity]['nb']}"]
    lines += [
        f"  {SEVERITY[to]['nb']}, uansett hva som ellers gjelder, hvis: {condition(name, 'nb')}"
        for name, to in rule.cap.items()
    ]
    lines += [f"  {SEVERITY[to]['nb']} hvis: {condition(name, 'nb')}" for name, to in rule.escalate.items()]
    lines += [f"  ett trinn opp hvis: {condition(name, 'nb')}" for name in rule.step_up]
    lines.append(f"Handler: {', '.join(OWNER[o]['nb'] for o in rule.owners)}" + (" (råd)" if rule.advisory else ""))
    return lines


def _text(rules: Iterable[Rule]) -> list[str]:
    told = [f"{RULE_SET}. {UNSIGNED}", ""]
    for r in rules:
        told += [f"{r.code} {r.name['nb']} ({r.slug})", *(f"  {line}" for line in _head(r))]
        told += [f"  {r.page.meaning}", f"  Hvorfor: {r.page.why}", f"  Kjente unntak: {r.page.exceptions}"]
        told += [f"  Setning: {r.sentence['nb']}"]
        told += [f"  Tiltak: {r.action}"] if r.action else []
        told += [f"  Lukkes når: {r.closes_when}", f"  Kilde: {r.page.source}", f"  {_signed(r)}", ""]
    return told


def _signed(rule: Rule) -> str:
    return f"Skrevet av {rule.author}; lest {rule.reviewed:%d.%m.%Y}; leses igjen {rule.next_review:%d.%m.%Y}"


def _markdown(rules: Iterable[Rule]) -> list[str]:
    told = ["# Regelbok", "", f"{RULE_SET}. **{UNSIGNED}**", ""]
    for r in rules:
        told += [f"## {r.code} {r.name['nb']}", "", *(f"- {line.strip()}" for line in _head(r)), ""]
        told += [r.page.meaning, "", f"**Hvorfor:** {r.page.why}", "", f"**Kjente unntak:** {r.page.exceptions}", ""]
        told += [f"> {r.sentence['nb']}", ""]
        for example in r.page.examples:
            told += [f"**Eksempel:** {example.title}", "", *_table(example), ""]
        told += [f"**Lukkes når:** {r.closes_when}", "", f"**Kilde:** {r.page.source}", "", _signed(r), ""]
    return told


def _table(example: Example) -> list[str]:
    columns = example.columns
    facts = [f"{name}: {told}  " for name, told in example.facts]
    verdict = f"slår til{_expected(example)}" if example.fires else "slår ikke til"
    if example.suppressed_by:
        verdict = f"dempet av {example.suppressed_by}"
    rows = ["| " + " | ".join(row) + " |" for row in example.shown]
    head = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)] if columns else []
    return [*facts, "", *head, *rows, "", f"→ {verdict.strip()}"]


def _expected(example: Example) -> str:
    """How soon and who, in words, where the page says."""
    if not example.expects:
        return ""
    severity, owner = example.expects
    return f": {SEVERITY[Severity(severity)]['nb']}, {OWNER[Owner(owner)]['nb']}"


def rule_json(rule: Rule) -> dict[str, Any]:
    """One rule with its page."""
    return {
        "code": rule.code,
        "slug": rule.slug,
        "severity": rule.severity.value,
        "escalate": {name: to.value for name, to in rule.escalate.items()},
        "step_up": list(rule.step_up),
        "cap": {name: to.value for name, to in rule.cap.items()},
        "owners": [o.value for o in rule.owners],
        "advisory": rule.advisory,
        "disputes": rule.disputes,
        "name": dict(rule.name),
        "sentence": dict(rule.sentence),
        "action": rule.action,
        "closes_when": rule.closes_when,
        "meaning": rule.page.meaning,
        "why": rule.page.why,
        "exceptions": rule.page.exceptions,
        "examples": [
            {
                "title": e.title,
                "facts": [list(f) for f in e.facts],
                "rows": list(e.rows),
                "fires": e.fires,
                "expects": list(e.expects),
                "suppressed_by": e.suppressed_by,
            }
            for e in rule.page.examples
        ],
        "source": rule.source,
        "page_source": rule.page.source,
        "author": rule.author,
        "reviewed": rule.reviewed.isoformat(),
        "next_review": rule.next_review.isoformat(),
    }
