"""Family E, multidose: what the roll at home holds, against what has been decided since."""

from collections.abc import Mapping
from itertools import product

from formats.statement import Kind
from rules.conclusion import Owner, Severity
from rules.dosing import Dose, Part, Relation, moments_meet, relation
from rules.escalation import value_condition
from rules.identifying import strengths_of
from rules.marks import Mark
from rules.rule import Finding, rule
from rules.tables.intervals import Interval, expected_interval
from rules.tables.multidose_unsuited import AS_NEEDED, LESS_THAN_DAILY, unsuited_for_multidose
from rules.together import as_needed
from rules.view import CaseView, LineView, Said, Telling, evidence, runs_on

BESIDE = "i tillegg"
"""A prescription that says so belongs beside the roll (clarification 11)."""

value_condition("weekly or titrated high-alert", "weekly_or_titrated")


def _newest_roll(line: LineView) -> Said | None:
    return max(line.rolls, key=lambda s: (str(s.statement.packed or s.own_day or ""), s.id), default=None)


@rule(
    code="E01",
    slug="MULTIDOSE_PLUS_RX",
    severity=Severity.HIGH,
    escalate={"high-alert": Severity.CRITICAL},
    owners=(Owner.NURSE, Owner.PHARM),
    name={"nb": "Multidose og eske", "nn": "Multidose og øskje", "en": "Roll and box"},
    sentence={
        "nb": "{drug} ligger i multidose og finnes også som ordinær resept/eske. Fare for dobbel dose.",
        "nn": "{drug} ligg i multidose og finst også som ordinær resept/øskje. Fare for dobbel dose.",
        "en": "{drug} is in the multidose roll and also as an ordinary prescription/box. Risk of a double dose.",
    },
    action="Avklar om {drug} skal gis fra rull eller eske; få rullen rettet eller resepten tilbakekalt.",
    needs=Mark.ROLL,
    source="rules.md E01; presiseringer 45 og 59",
)
def roll_and_prescription(line: LineView, case: CaseView) -> Finding | None:
    """Legemidlet ligger i rullen og har også en ordinær resept, eller er ført lokalt, til de samme tidene.

    Hvorfor: pasienten får dosen fra posen og en gang til fra esken.

    Kjente unntak: rullens egen resept er ikke en ekstra forsyning. Ved behov overlapper aldri; en tid som ikke er
    nevnt, overlapper alle. En resept som sier «i tillegg», hører med.

    Eksempel: samme dose i rull og på resept
        I dag: 2026-03-02
        |kilde|art      |navn         |stoff     |atc    |styrke|dose            |dato      |pakket    |gyldig til|
        |RF   |multidose|Selo-Zok 50mg|metoprolol|C07AB02|50 mg |1 tabl kl 08    |2025-12-01|2026-02-23|          |
        |RF   |resept   |Selo-Zok 50mg|metoprolol|C07AB02|50 mg |1 tablett morgen|2026-02-10|          |2027-02-10|
        |GP   |liste    |Selo-Zok 50mg|metoprolol|C07AB02|50 mg |1x1             |2025-12-01|          |          |
        => E01 high NURSE

    Eksempel: resepten er ved behov
        I dag: 2026-03-02
        |kilde|art      |navn         |stoff      |atc    |styrke|dose        |dato      |pakket    |gyldig til|
        |RF   |multidose|Paracet 500mg|paracetamol|N02BE01|500 mg|2 tabl kl 08|2025-12-01|2026-02-23|          |
        |RF   |resept   |Paracet 500mg|paracetamol|N02BE01|500 mg|1 tabl v/b  |2026-02-10|          |2027-02-10|
        |GP   |liste    |Paracet 500mg|paracetamol|N02BE01|500 mg|2 tabl kl 08|2025-12-01|          |          |
        => ikke E01

    Kilde: rules.md E01, presiseringene 45 og 59.
    """
    del case
    boxes = (*line.prescriptions, *(s for s in line.of(Kind.LOCAL) if s.active))
    double = [box for box in boxes if not _beside(box) and any(_overlap(r, box) for r in line.rolls)]
    if not double:
        return None
    return Finding(values={"drug": double[0].name}, evidence=evidence((*line.rolls, *double)))


def _beside(rx: Said) -> bool:
    return BESIDE in (rx.statement.dose_text or "").casefold()


def _overlap(roll: Said, rx: Said) -> bool:
    """Fixed on both sides, at times that can be the same; a dose that can't be read may be at any time."""
    if as_needed(roll) or as_needed(rx):
        return False
    first, second = _fixed(roll), _fixed(rx)
    if first is None or second is None or not first.moments or not second.moments:
        return True
    return any(moments_meet(a, b) for (a, _), (b, _) in product(first.moments, second.moments))


def _fixed(said: Said) -> Part | None:
    return said.dose.fixed if said.dose else None


@rule(
    code="E02",
    slug="CHANGE_AFTER_PACKING",
    severity=Severity.HIGH,
    escalate={"high-alert": Severity.CRITICAL},
    owners=(Owner.NURSE, Owner.PHARM),
    name={"nb": "Endret etter pakking", "nn": "Endra etter pakking", "en": "Changed after packing"},
    sentence={
        "nb": "{drug} ble endret {date_a}, etter at gjeldende multidose ble pakket ({packed}). "
        "Rullen må rettes manuelt til {next_roll}.",
        "nn": "{drug} blei endra {date_a}, etter at gjeldande multidose blei pakka ({packed}). "
        "Rullen må rettast manuelt til {next_roll}.",
        "en": "{drug} was changed {date_a}, after the current multidose roll was packed ({packed}). "
        "The roll must be corrected by hand until {next_roll}.",
    },
    action="Rett rullen for {drug} manuelt til {next_roll}, og meld endringen til multidoseapoteket.",
    needs=Mark.ROLL_ANYWHERE,
    source="rules.md E02, P7; presisering 45",
)
def changed_after_packing(line: LineView, case: CaseView) -> Finding | None:
    """Dosen ble endret, eller legemidlet startet, på eller etter dagen da rullen hjemme ble pakket.

    Hvorfor: rullen er en kopi fra pakkedagen og er feil til neste rull.

    Kjente unntak: en beslutning før pakkedagen er D01. Et nytt legemiddel regnes med bare når det er merket multidose.
    En dose som begynner en dag fram i tid, regnes først fra den dagen.

    Eksempel: dosen doblet etter pakking
        I dag: 2026-03-02
        |kilde|art      |navn       |stoff    |atc    |styrke|dose                   |dato      |pakket    |neste rull|
        |RF   |multidose|Furix 40 mg|furosemid|C03CA01|40 mg |1 tabl kl 08           |2025-12-01|2026-02-23|2026-03-09|
        |GP   |liste    |Furix 40 mg|furosemid|C03CA01|40 mg |1 tabl morgen og middag|2026-02-27|          |          |
        => E02 high NURSE

    Eksempel: dosen doblet før pakking
        I dag: 2026-03-02
        |kilde|art      |navn       |stoff    |atc    |styrke|dose                   |dato      |pakket    |neste rull|
        |RF   |multidose|Furix 40 mg|furosemid|C03CA01|40 mg |1 tabl kl 08           |2025-12-01|2026-02-23|2026-03-09|
        |GP   |liste    |Furix 40 mg|furosemid|C03CA01|40 mg |1 tabl morgen og middag|2026-02-20|          |          |
        => ikke E02

    Kilde: rules.md E02 og P7, presisering 45.
    """
    newest = next((s for s in line.decisions if _orders(s) and runs_on(s, case.today)), None)
    if line.stopped or line.paused or newest is None or newest.weak or not newest.day:
        return None
    own = _newest_roll(line)
    if not (_differs(own, newest, line) if own else newest.statement.in_multidose is True):
        return None
    roll = own or _any_roll(case)
    if roll is None or not roll.statement.packed or newest.day < roll.statement.packed:
        return None
    packed, next_roll = roll.statement.packed, roll.statement.next_roll
    values = {"drug": newest.name, "date_a": newest.day, "packed": packed, "next_roll": next_roll}
    return Finding(values=values, evidence=evidence((newest, roll)), until=next_roll)


def _orders(s: Said) -> bool:
    return s.telling is Telling.ACTIVE and s.kind is not Kind.PRESCRIPTION


def _any_roll(case: CaseView) -> Said | None:
    """The roll packed last, for a medicine that is not in it."""
    rolls = [roll for line in case.lines if (roll := _newest_roll(line))]
    return max(rolls, key=lambda s: (str(s.statement.packed or ""), s.id), default=None)


def _differs(roll: Said, newest: Said, line: LineView) -> bool:
    return relation(_whole(roll, line).dose, _whole(newest, line).dose) not in {Relation.EQUAL, Relation.APART}


def _whole(entry: Said, line: LineView) -> Said:
    """The list's word, of which the entry may be a part: what is fixed, beside what is as needed."""
    return next((v for v in line.values if entry.id in {v.id, *(o.id for o in v.others)}), entry)


@rule(
    code="E03",
    slug="STOPPED_IN_ROLL",
    severity=Severity.CRITICAL,
    owners=(Owner.NURSE, Owner.PHARM, Owner.GP),
    name={"nb": "Seponert, men i rullen", "nn": "Seponert, men i rullen", "en": "Stopped but in the roll"},
    sentence={
        "nb": "{drug} er seponert {date_a}, men ligger fortsatt i multidose. Ta ut manuelt til {next_roll}.",
        "nn": "{drug} er seponert {date_a}, men ligg framleis i multidose. Ta ut manuelt til {next_roll}.",
        "en": "{drug} was stopped {date_a} but is still in the multidose roll. Remove by hand until {next_roll}.",
    },
    action="Rett rullen: ta {drug} ut manuelt til {next_roll}, og meld fra til multidoseapoteket.",
    disputes=True,
    needs=Mark.ROLL | Mark.STOP,
    source="rules.md E03; presiseringer 13, 16 og 45",
)
def stopped_in_roll(line: LineView, case: CaseView) -> Finding | None:
    """Legemidlet er seponert av en forskriver, men ligger fortsatt i rullen.

    Hvorfor: posen åpnes og gis slik den er.

    Kjente unntak: pakkedagen betyr ikke noe. En rull som tok slutt for mer enn to uker siden, er ikke lenger hjemme. Er
    det startet igjen etter stoppen, er det ikke seponert.

    Eksempel: seponert etter pakking
        I dag: 2026-03-02
        |kilde|art      |navn        |stoff    |atc    |dose              |dato      |status |pakket    |neste rull|
        |RF   |multidose|Eliquis 5 mg|apiksaban|B01AF02|1 tabl kl 08 og 20|2025-09-01|       |2026-02-23|2026-03-09|
        |GP   |liste    |Eliquis 5 mg|apiksaban|B01AF02|                  |2026-02-26|stopped|          |          |
        => E03 critical NURSE

    Eksempel: i bruk og i rullen
        I dag: 2026-03-02
        |kilde|art      |navn        |stoff    |atc    |dose              |dato      |status|pakket    |neste rull|
        |RF   |multidose|Eliquis 5 mg|apiksaban|B01AF02|1 tabl kl 08 og 20|2025-09-01|      |2026-02-23|2026-03-09|
        |GP   |liste    |Eliquis 5 mg|apiksaban|B01AF02|1x2               |2025-09-01|active|          |          |
        => ikke E03

    Kilde: rules.md E03, presiseringene 13, 16 og 45.
    """
    del case
    roll = _newest_roll(line)
    if roll is None or not line.stopped or line.newest_decision is None:
        return None
    next_roll = roll.statement.next_roll
    return Finding(
        values={"drug": roll.name, "date_a": line.newest_decision.day, "next_roll": next_roll},
        evidence=evidence((line.newest_decision, *line.rolls)),
        until=next_roll,
    )


@rule(
    code="E04",
    slug="UNSUITED_FOR_MULTIDOSE",
    severity=Severity.LOW,
    escalate={"weekly or titrated high-alert": Severity.MODERATE},
    owners=(Owner.PHARM, Owner.GP),
    name={"nb": "Uegnet i multidose", "nn": "Ueigna i multidose", "en": "Unsuited for multidose"},
    sentence={
        "nb": "{drug} er lite egnet i multidose ({reason}).",
        "nn": "{drug} er lite eigna i multidose ({reason}).",
        "en": "{drug} is unsuited for multidose ({reason}).",
    },
    action="Vurder å ta {drug} ut av rullen.",
    advisory=True,
    needs=Mark.ROLL,
    source="rules.md E04",
)
def unsuited_for_roll(line: LineView, case: CaseView) -> Finding | None:
    """Et legemiddel i rullen brukes ved behov, endres ofte, gis sjeldnere enn daglig, eller tåler ikke ompakking.

    Hvorfor: rullen gir det samme hver dag til neste rull.

    Kjente unntak: råd. Tabellen over hva som ikke tåler ompakking, er kort og ikke klinisk godkjent.

    Eksempel: warfarin i rullen
        I dag: 2026-03-02
        | kilde | art       | navn    | stoff    | atc     | styrke | dose         | dato       | pakket     |
        | RF    | multidose | Marevan | warfarin | B01AA03 | 2,5 mg | 2 tabl kl 17 | 2025-12-01 | 2026-02-23 |
        => E04 moderate PHARM

    Eksempel: fast daglig tablett
        I dag: 2026-03-02
        | kilde | art       | navn    | stoff     | atc     | styrke | dose         | dato       | pakket     |
        | RF    | multidose | Norvasc | amlodipin | C08CA01 | 5 mg   | 1 tabl kl 08 | 2025-12-01 | 2026-02-23 |
        => ikke E04

    Kilde: rules.md E04. Tabellen er et forslag.
    """
    del case
    roll = _newest_roll(line)
    if roll is None:
        return None
    listed = unsuited_for_multidose(line.atc)
    rare = _less_than_daily(line, roll)
    reason = listed or (AS_NEEDED if as_needed(roll) else LESS_THAN_DAILY if rare else None)
    if reason is None:
        return None
    values: Mapping[str, object] = {
        "drug": roll.name,
        "reason": {"nb": reason.nb, "nn": reason.nn, "en": reason.en},
        "weekly_or_titrated": rare or reason.titrated,
    }
    return Finding(values=values, evidence=evidence(line.rolls))


def _less_than_daily(line: LineView, roll: Said) -> bool:
    dose: Dose | None = roll.dose
    strengths = strengths_of(roll.statement, roll.identity.drug)
    expected = expected_interval(line.atc, route=line.route, release=line.release, strengths=strengths)
    told = dose.interval if dose else None
    return any(i is not None and i is not Interval.DAY for i in (told, expected.shortest if expected else None))


@rule(
    code="E05",
    slug="NO_MULTIDOSE_RESPONSIBLE",
    severity=Severity.MODERATE,
    owners=(Owner.GP, Owner.PHARM),
    name={"nb": "Uklart multidoseansvar", "nn": "Uklårt multidoseansvar", "en": "Multidose doctor unclear"},
    sentence={
        "nb": "Det er uklart hvem som er multidoseansvarlig lege ({names}).",
        "nn": "Det er uklårt kven som er multidoseansvarleg lege ({names}).",
        "en": "It is unclear who is the doctor responsible for multidose ({names}).",
    },
    action="Avklar hvem som er multidoseansvarlig lege, og meld det til apoteket.",
    scope="case",
    source="rules.md E05, K11; S5 (fravær er ikke bevis)",
)
def no_multidose_doctor(case: CaseView) -> Finding | None:
    """Kildene navngir flere multidoseansvarlige leger, eller sier at det ikke er noen.

    Hvorfor: ingen retter ordinasjonskortet når flere tror at en annen gjør det.

    Kjente unntak: at ingen kilde nevner multidoseansvarlig lege, er ikke bevis for at det ikke finnes en.

    Eksempel: to leger står som ansvarlige
        I dag: 2026-03-02
        Multidoseansvarlig: lege A, lege B
        | kilde | art       | navn    | stoff     | atc     | styrke | dose         | dato       | pakket     |
        | RF    | multidose | Norvasc | amlodipin | C08CA01 | 5 mg   | 1 tabl kl 08 | 2025-12-01 | 2026-02-23 |
        => E05 moderate GP

    Eksempel: én lege
        I dag: 2026-03-02
        Multidoseansvarlig: lege A
        | kilde | art       | navn    | stoff     | atc     | styrke | dose         | dato       | pakket     |
        | RF    | multidose | Norvasc | amlodipin | C08CA01 | 5 mg   | 1 tabl kl 08 | 2025-12-01 | 2026-02-23 |
        => ikke E05

    Kilde: rules.md E05 og K11.
    """
    doctors = tuple(dict.fromkeys(case.case.multidose_doctors))
    rolls = [roll for line in case.lines for roll in line.rolls]
    if not rolls or not doctors or (len(doctors) == 1 and doctors[0]):
        return None
    names = tuple(sorted(filter(None, doctors)))
    return Finding(
        about="multidose",
        values={"names": names},
        evidence=evidence(rolls),
    )
