"""The list on paper and as plain text: the same order as on the screen, nothing shortened."""

from medrec import wording
from medrec.web.language import chosen
from medrec.web.language import say as _
from medrec.web.view import LineView, ListView
from rules.conclusion import SaidDose


def as_text(view: ListView, only: str = "") -> str:
    """The list as text for a journal note; `only` an anchor: that line alone. No name and no identity number."""
    language = chosen()
    rows = [
        _("Legemiddelliste %(version)s, vurdert %(day)s. Ingen ordinasjon.", version=view.stored.version,
          day=wording.day(view.stored.judged_on, language))
    ]  # fmt: skip
    rows += [_("Ufullstendig: %(gap)s", gap=gap) for gap in view.gaps]
    for _section, title, lines in view.sections:
        chosen_lines = [line for line in lines if only in {"", line.anchor}]
        if chosen_lines:
            rows += ["", title.upper(), *(row for line in chosen_lines for row in _line(line))]
    return "\n".join(rows)


def _said(dose: SaidDose) -> str:
    return wording.ended(dose, chosen()) if dose.status else f"«{dose.text}»"


def _line(view: LineView) -> list[str]:
    line = view.line
    rows = [f"- {view.title}"]
    if view.side_by_side:
        rows += [f"    {wording.told(s.source, chosen())}: {_said(s)}" for s in line.dose.as_said]
    else:
        rows.append(f"    {view.dose or _('Dosen er ikke oppgitt.')}")
    if line.indication:
        rows.append(f"    {line.indication}")
    return rows + [f"    {f.severity}: {f.sentence}" for f in view.flags if f.loud]
