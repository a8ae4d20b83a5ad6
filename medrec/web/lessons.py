"""What is practised on each kind of fault in the demo: the question and the answer that explains it."""

from medrec.web.language import say as _


def lesson(fault: str) -> tuple[str, str] | None:
    """(question, answer) in the reader's language; `None` for a fault that nobody practises on."""
    return {
        "discharge_not_carried": (
            _("Hva endret sykehuset ved utskrivning, og hvem må gjøre noe?"),
            _(
                "Sykehuset økte en dose. Fastlegens liste og resepten viser fortsatt den gamle. Siste "
                "beslutning gjelder, og fastlegen må oppdatere listen. Spør fastlegen."
            ),
        ),
        "weekly_written_daily": (
            _("Finn legemidlet du ikke skal gi etter denne listen."),
            _(
                "Metotreksat tas én gang i uken, men hjemmelisten sier daglig. Feilen kan ta liv. Ikke gi, og "
                "ring fastlegen eller legevakten nå."
            ),
        ),
        "stop_left_prescription": (
            _("Hvilket legemiddel er sluttet, og hva ligger igjen?"),
            _(
                "Fastlegen har seponert det, men resepten er fortsatt gyldig. Noen kan hente det på apoteket. "
                "Fastlegen må tilbakekalle resepten."
            ),
        ),
        "renewal_with_old_dose": (
            _("Hvilken resept sier en annen dose enn listene?"),
            _(
                "Fastlegen doblet dosen på listen, men resepten har den gamle, og etiketten på esken blir feil. "
                "Fastlegen må skrive ny resept."
            ),
        ),
        "brand_twice": (
            _("Finn det samme legemidlet under to navn."),
            _("To merkenavn har samme virkestoff. Tas begge, blir dosen dobbel. Lege må avklare hva som er ment."),
        ),
        "double_anticoagulant": (
            _("Hvilke to legemidler skal ikke tas sammen?"),
            _(
                "Sykehuset begynte med apiksaban, og rivaroksaban står igjen. To blodfortynnende sammen gir "
                "fare for blødning. Ring før neste dose."
            ),
        ),
        "missing_at_home": (
            _("Hvilket legemiddel mangler på hjemmelisten?"),
            _(
                "Fastlegen begynte med det for seks uker siden, men det kom aldri på hjemmelisten. At det "
                "mangler, betyr ikke at det er sluttet."
            ),
        ),
        "home_list_a_year_old": (
            _("Hvor gammel er dosen på hjemmelisten?"),
            _("Hjemmelisten er et år gammel. Fastlegen doblet dosen for to måneder siden. Hjemmelisten må rettes."),
        ),
        "prescription_expired": (
            _("Hvilken resept er utløpt?"),
            _("Legemidlet er i bruk, men resepten er utløpt. Det er ikke sluttet. Be om ny resept før det går tomt."),
        ),
        "daily_everywhere": (
            _("Alle kilder er enige. Er det riktig?"),
            _(
                "Nei. Legemidlet skal tas én gang i uken, og alle kildene sier daglig. Enighet er ikke sannhet. "
                "Ikke gi, og ring."
            ),
        ),
        "old_prescription_left": (
            _("Hvilket legemiddel har to gyldige resepter?"),
            _("Den gamle resepten ble ikke tilbakekalt. Det haster ikke, men fastlegen bør rydde."),
        ),
        "locked_prescriptions": (
            _("Kan du stole på at listen er hel?"),
            _("Nei. Pasienten har låst en resept som vi ikke får se. Spør pasienten om legemidler som ikke står her."),
        ),
        "roll_and_box": (
            _("Hva er både i rullen og i en egen eske?"),
            _(
                "Samme legemiddel pakkes i multidose og er hentet i eske. Tas begge, blir dosen dobbel. "
                "Hjemmesykepleien avklarer det med apoteket og legen."
            ),
        ),
        "stopped_but_packed": (
            _("Hva ligger i rullen som ikke skal tas?"),
            _(
                "Fastlegen sluttet med det, men rullen hjemme er pakket før det. Ring apoteket, og ikke gi det "
                "fra rullen."
            ),
        ),
        "penicillin_in_spite_of_allergy": (
            _("Les CAVE. Hva er galt?"),
            _(
                "Fastlegen har skrevet at pasienten ikke tåler penicillin, og legevakten ga penicillin. Ikke "
                "gi, og ring nå."
            ),
        ),
        "needed_or_fixed": (
            _("Er legemidlet fast eller ved behov?"),
            _("Kildene er uenige, og begge står ved siden av hverandre. Velg ikke selv. Spør fastlegen."),
        ),
    }.get(fault)
