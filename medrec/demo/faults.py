"""Errors of life: what goes wrong between a hospital, a GP, a registry and a home-care list.

Each fault takes a patient's agreeing sources and changes what one of them holds, in the way it happens. It returns
False, and changes nothing, where it does not fit this patient. What flags come of it is for the rules to say; nothing
here knows of them.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from medrec.demo import doses
from medrec.demo.people import OUT_OF_HOURS_DOCTOR
from medrec.demo.regimen import Medicine
from medrec.demo.said import JournalOrder, ListedDrug, SaidAllergy, Sources, Told
from medrec.demo.truth import YEAR, Scribe, told

Table = tuple[Medicine, ...]
Fault = Callable[[Sources, Scribe, Table], bool]
"""The sources to change, the scribe that writes, and every medicine that could be prescribed."""


def _pick(said: Sources, *groups: str) -> Told | None:
    """The first medicine of one of these groups that no fault has touched."""
    free = (t for t in said.medicines if not t.at_fault and t.medicine.group in groups)
    return next(free, None)


def _taken(said: Sources, scribe: Scribe, table: Table, substance: str, days_ago: int = 120) -> Told:
    """That medicine on all three lists: the one there is, else put there."""
    there = next((t for t in said.medicines if t.medicine.substances == (substance,)), None)
    if there is None:
        there = told(scribe, _medicine(table, substance), days_ago)
        said.medicines.append(there)
    return there


def _medicine(table: Table, substance: str) -> Medicine:
    return next(m for m in table if m.substances == (substance,))


def _group_is_free(said: Sources, *groups: str) -> bool:
    return not any(t.medicine.group in groups for t in said.medicines)


def _at(line: ListedDrug, scribe: Scribe, days: int) -> ListedDrug:
    """The GP's line, last changed that many days ago."""
    on = scribe.days_ago(days)
    return replace(line, changed=line.changed.replace(year=on.year, month=on.month, day=on.day), decided=True)


def _dosed(line: ListedDrug, dose: doses.Dose) -> ListedDrug:
    return replace(line, dose=dose, text=doses.sentence(dose))


def _given(order: JournalOrder, dose: doses.Dose) -> JournalOrder:
    return replace(order, dose=dose, text=doses.sentence(dose))


def _discharge(order: JournalOrder, scribe: Scribe, days: int) -> JournalOrder:
    """The home-list line as the hospital wrote it at discharge."""
    return replace(
        order,
        id=scribe.order_id(),
        category="discharge",
        listed=False,
        authored=scribe.days_ago(days),
        by="Demo sykehus, medisinsk avdeling",
    )


def discharge_not_carried(said: Sources, scribe: Scribe, _: Table) -> bool:
    """The hospital doubled a dose at discharge; the GP's list and the prescription still say the old one."""
    one = _pick(said, "diuretikum", "betablokker", "ras")
    if one is None or one.roll:
        return False
    order = _given(one.home[0], one.medicine.dose.changed(Decimal(2)))
    one.home = [replace(order, authored=scribe.days_ago(4)), _discharge(order, scribe, 5)]
    one.at_fault = "discharge_not_carried"
    return True


def discharge_stop_not_carried(said: Sources, scribe: Scribe, _: Table) -> bool:
    """The hospital stopped a medicine; the GP's list and the prescription are as before, the home list follows."""
    one = _pick(said, "kalsiumantagonist", "blodplater", "statin")
    if one is None or one.roll:
        return False
    stop = _discharge(one.home[0], scribe, 12)
    one.home = [replace(stop, status="stopped", end=stop.authored)]
    one.at_fault = "discharge_stop_not_carried"
    return True


def stop_left_prescription(said: Sources, scribe: Scribe, _: Table) -> bool:
    """Stopped by the GP and gone from the home list, but nobody recalled the prescription."""
    one = _pick(said, "magesyre", "blære", "statin", "allergi", "diuretikum")
    if one is None or one.roll:
        return False
    one.gp = [replace(_at(one.gp[0], scribe, 30), stopped=(scribe.days_ago(30), "A"))]
    one.home = []
    one.at_fault = "stop_left_prescription"
    return True


def renewal_with_old_dose(said: Sources, scribe: Scribe, _: Table) -> bool:
    """The GP doubled the dose on the list and told the home care; the prescription still carries the old dose."""
    one = _pick(said, "ras", "antidepressivum", "betablokker", "diuretikum")
    if one is None or one.roll:
        return False
    new = one.medicine.dose.changed(Decimal(2))
    one.gp = [_at(_dosed(one.gp[0], new), scribe, 25)]
    one.home = [replace(_given(one.home[0], new), authored=scribe.days_ago(23))]
    one.at_fault = "renewal_with_old_dose"
    return True


def brand_twice(said: Sources, scribe: Scribe, _: Table) -> bool:
    """Another brand was prescribed beside the old one; both stand on every list as two medicines."""
    for one in said.medicines:
        used = one.prescriptions[0].drug.brand if one.prescriptions else ""
        other = next((d for d in one.medicine.packages if d.brand != used), None)
        if other is None or one.at_fault or one.roll or not one.medicine.dose.slots:
            continue
        on = scribe.days_ago(15)
        second = scribe.prescription(one.medicine, on, drug=other)
        one.prescriptions.append(second)
        one.gp.append(scribe.gp_line(one.medicine, on, second, drug=other))
        one.home.append(scribe.home_line(one.medicine, on, drug=other))
        one.at_fault = "brand_twice"
        return True
    return False


def home_list_a_year_old(said: Sources, scribe: Scribe, _: Table) -> bool:
    """The GP doubled a dose and renewed two months ago; the home list has not been touched for a year."""
    one = _pick(said, "diuretikum", "stoffskifte", "nervesmerte", "diabetes", "betablokker")
    if one is None or one.roll:
        return False
    new, drug = one.medicine.dose.changed(Decimal(2)), one.prescriptions[0].drug
    rx = scribe.prescription(one.medicine, scribe.days_ago(60), dose=new, drug=drug)
    one.prescriptions = [rx]
    one.gp = [_at(replace(_dosed(one.gp[0], new), prescription=rx), scribe, 60)]
    one.home = [replace(one.home[0], authored=scribe.days_ago(380))]
    one.at_fault = "home_list_a_year_old"
    return True


def weekly_written_daily(said: Sources, scribe: Scribe, table: Table) -> bool:
    """Methotrexate once a week everywhere but on the home list, where it became daily."""
    one = _taken(said, scribe, table, "metotreksat")
    if one.at_fault:
        return False
    one.home = [_given(one.home[0], one.medicine.dose.as_daily())]
    one.at_fault = "weekly_written_daily"
    return True


def daily_everywhere(said: Sources, scribe: Scribe, table: Table) -> bool:
    """A weekly medicine daily in every source: all agree and all are wrong (the fault of June 2024)."""
    one = _taken(said, scribe, table, "alendronsyre")
    if one.at_fault:
        return False
    wrong = one.medicine.dose.as_daily()
    one.prescriptions = [replace(one.prescriptions[0], dose=wrong, text=doses.sentence(wrong))]
    one.gp = [_dosed(one.gp[0], wrong)]
    one.home = [_given(one.home[0], wrong)]
    one.at_fault = "daily_everywhere"
    return True


def missing_at_home(said: Sources, scribe: Scribe, _: Table) -> bool:
    """The GP started a medicine six weeks ago; nobody put it on the home list."""
    del scribe
    one = _pick(said, "antikoagulant", "stoffskifte", "ras", "kramper", "antidepressivum")
    if one is None or one.roll:
        return False
    one.home = []
    one.at_fault = "missing_at_home"
    return True


def prescription_expired(said: Sources, scribe: Scribe, _: Table) -> bool:
    """In use on all lists; the prescription ran out last week."""
    one = _pick(said, "stoffskifte", "magesyre", "prostata", "statin", "kalsiumantagonist")
    if one is None or one.roll:
        return False
    on = scribe.days_ago(372)
    rx = replace(one.prescriptions[0], written=on, expires=on + YEAR, status="F", handed_over=scribe.days_ago(150))
    one.prescriptions = [rx]
    one.gp = [_at(replace(one.gp[0], prescription=rx, started=on), scribe, 372)]
    one.home = [replace(one.home[0], authored=scribe.days_ago(369))]
    one.at_fault = "prescription_expired"
    return True


def old_prescription_left(said: Sources, scribe: Scribe, _: Table) -> bool:
    """A new prescription was made and the older one, just as valid, was left."""
    one = _pick(said, "statin", "kalsiumantagonist", "magesyre", "ras")
    if one is None or one.roll:
        return False
    on = scribe.days_ago(300)
    older = replace(one.prescriptions[0], id=scribe.uuid(), written=on, expires=on + YEAR, handed_over=on)
    one.prescriptions.append(older)
    one.at_fault = "old_prescription_left"
    return True


def penicillin_in_spite_of_allergy(said: Sources, scribe: Scribe, table: Table) -> bool:
    """The out-of-hours doctor gave penicillin to someone whose GP has noted that they can't take it."""
    medicine, on = _medicine(table, "fenoksymetylpenicillin"), scribe.days_ago(1)
    rx = replace(scribe.prescription(medicine, on), prescriber=OUT_OF_HOURS_DOCTOR, handed_over=on)
    rx = replace(rx, text=f"{rx.text} i 7 dager")
    order = replace(scribe.home_line(medicine, on), listed=False, by=OUT_OF_HOURS_DOCTOR.office, text=rx.text)
    order = replace(order, authored=on, end=on + timedelta(days=6))
    said.medicines.append(
        Told(medicine=medicine, prescriptions=[rx], gp=[], home=[order], at_fault="penicillin_in_spite_of_allergy")
    )
    said.gp_allergies.append(
        SaidAllergy(text="Utslett 2018", atc="J01C", substance="penicillin", on=scribe.days_ago(2800))
    )
    return True


def double_anticoagulant(said: Sources, scribe: Scribe, table: Table) -> bool:
    """The hospital began apixaban; rivaroxaban is still on the GP's list and the home list."""
    if not _group_is_free(said, "antikoagulant"):
        return False
    old = _taken(said, scribe, table, "rivaroksaban")
    old.at_fault = "double_anticoagulant"
    apixaban, on = _medicine(table, "apiksaban"), scribe.days_ago(4)
    rx = scribe.prescription(apixaban, on)
    order = scribe.discharge(apixaban, on)
    said.medicines.append(
        Told(medicine=apixaban, prescriptions=[rx], gp=[], home=[order], at_fault="double_anticoagulant")
    )
    return True


def locked_prescriptions(said: Sources, scribe: Scribe, _: Table) -> bool:
    """The patient has locked a prescription: the registry says that there is one and no more."""
    del scribe
    said.locked = True
    return True


def gp_list_never_sent(said: Sources, scribe: Scribe, _: Table) -> bool:
    """The GP's system has never sent a list for this patient."""
    del scribe
    said.gp_silent = True
    return True


def free_text_medicine(said: Sources, scribe: Scribe, table: Table) -> bool:
    """Something that no register knows, typed by hand on the home list."""
    dose = doses.Dose(unit="ml", amount=Decimal(5), prn_times=4)
    order = replace(
        scribe.home_line(table[0], scribe.days_ago(20), dose=dose),
        drug=None,
        name="Morfin mikstur 2 mg/ml (magistrell)",
        use="prn",
        indication="mot smerter",
    )
    said.medicines.append(Told(medicine=table[0], prescriptions=[], gp=[], home=[order], at_fault="free_text_medicine"))
    return True


def out_of_hours_prescription(said: Sources, scribe: Scribe, table: Table) -> bool:
    """A sleeping tablet from the out-of-hours doctor that no list has."""
    if not _group_is_free(said, "søvn"):
        return False
    medicine = _medicine(table, "zopiklon")
    rx = replace(scribe.prescription(medicine, scribe.days_ago(9)), prescriber=OUT_OF_HOURS_DOCTOR, handed_over=None)
    said.medicines.append(
        Told(medicine=medicine, prescriptions=[rx], gp=[], home=[], at_fault="out_of_hours_prescription")
    )
    return True


def needed_or_fixed(said: Sources, scribe: Scribe, _: Table) -> bool:
    """As needed on the prescription and at home, fixed on the GP's list, all from the same day."""
    del scribe
    one = next((t for t in said.medicines if t.medicine.dose.prn and not t.at_fault), None)
    if one is None:
        return False
    amount = one.medicine.dose.amount
    fixed = doses.Dose(unit=one.medicine.dose.unit, slots=(amount, Decimal(0), amount, Decimal(0)))
    one.gp = [replace(_dosed(one.gp[0], fixed), use="fixed")]
    one.at_fault = "needed_or_fixed"
    return True


def roll_and_box(said: Sources, scribe: Scribe, _: Table) -> bool:
    """In the multidose roll, and a box of the same was fetched on an ordinary prescription."""
    one = next((t for t in said.medicines if t.roll and not t.at_fault), None)
    if one is None or one.roll is None:
        return False
    one.prescriptions.append(scribe.prescription(one.medicine, scribe.days_ago(10), drug=one.roll.drug))
    one.at_fault = "roll_and_box"
    return True


def stopped_but_packed(said: Sources, scribe: Scribe, _: Table) -> bool:
    """The GP stopped a medicine three days ago; the roll at home still has it."""
    one = next((t for t in reversed(said.medicines) if t.roll and not t.at_fault), None)
    if one is None:
        return False
    one.gp = [replace(_at(one.gp[0], scribe, 3), stopped=(scribe.days_ago(3), "A"))]
    one.home = []
    one.at_fault = "stopped_but_packed"
    return True


FAULTS: dict[str, Fault] = {
    f.__name__: f
    for f in (
        discharge_not_carried,
        weekly_written_daily,
        stop_left_prescription,
        renewal_with_old_dose,
        brand_twice,
        double_anticoagulant,
        missing_at_home,
        home_list_a_year_old,
        discharge_stop_not_carried,
        roll_and_box,
        prescription_expired,
        daily_everywhere,
        old_prescription_left,
        locked_prescriptions,
        stopped_but_packed,
        out_of_hours_prescription,
        free_text_medicine,
        needed_or_fixed,
        penicillin_in_spite_of_allergy,
        gp_list_never_sent,
    )
}
