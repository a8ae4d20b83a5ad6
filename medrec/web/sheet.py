"""The list on paper and as plain text: the same order as on the screen, nothing shortened."""

from medrec import wording
from medrec.web.filters import allergy
from medrec.web.flags import FlagView
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
    if view.stale:
        rows.append(_("Listen er ikke vurdert i dag. Datoer kan ha endret den."))
    if view.stored.reconciliation.admitted:
        rows.append(_("Pasienten er innlagt. Listen gjelder hjemme, ikke på sykehuset."))
    if not only:
        rows += [_cave(view), *map(_flag, view.loud_whole)]
    for _section, title, lines in view.sections:
        chosen_lines = [line for line in lines if only in {"", line.anchor}]
        if chosen_lines:
            rows += ["", title.upper(), *(row for line in chosen_lines for row in _line(line))]
    return "\n".join(rows)


def _cave(view: ListView) -> str:
    language = chosen()
    told = [
        f"{allergy(a)} ({wording.SOURCE[a.source][language]})"
        for a in view.stored.reconciliation.allergies
        if not a.refuted
    ]
    none = _("Ingen oppgitt av kildene. Det er ikke det samme som at det ikke finnes noen.")
    return f"CAVE: {'; '.join(told) or none}"


def _flag(flag: FlagView) -> str:
    return f"{flag.severity}: {flag.sentence} {_('Hvem gjør noe:')} {flag.owner}."


def _said(view: LineView, dose: SaidDose) -> str:
    """Who says it, when, and whether it still holds."""
    where = view.told_in.get(dose.statement) or wording.told(dose.source, chosen())
    if dose.status:
        return f"{where}: {wording.ended(dose, chosen())}"
    on = f" {wording.day(dose.on, chosen())}" if dose.on else ""
    old = f" ({_('eldre, gjelder ikke')})" if dose.outdated else ""
    return f"{where}{on}: «{dose.text}»{old}"


def _line(view: LineView) -> list[str]:
    line = view.line
    rows = [f"- {view.title}"]
    if view.do_not_give:
        rows.append(f"    {_('Gi IKKE etter denne listen før lege har avklart.')}")
    elif view.ask_first:
        rows.append(f"    {_('Må avklares med lege før neste dose.')}")
    if view.other_days:
        rows.append(f"    {_('Kildene sier ulike ukedager.')}")
    elif view.dose_gone:
        rows.append(f"    {_('Ingen kilde oppgir dosen nå.')}")
    if view.side_by_side:
        rows += [f"    {_said(view, s)}" for s in view.beside]
    else:
        rows.append(f"    {view.dose or _('Dosen er ikke oppgitt.')}")
    if line.indication:
        rows.append(f"    {line.indication}")
    return rows + [f"    {_flag(f)}" for f in view.flags if f.loud]
