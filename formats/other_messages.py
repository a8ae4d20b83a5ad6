"""Messages we know and that tell nothing of a person's medicines: requests, receipts, orders, settlements.

They are answered with an empty Reading and the gap `not-medication`. A message we do not know is refused instead.
"""

from formats.errors import ErrorCode, FormatError
from formats.msghead import Codecs, Message, identifier_breaches
from formats.statement import Gap, GapCode, Reading, Source

KITH, EHELSE = "http://www.kith.no/xmlstds/eresept/", "http://www.ehelse.no/xmlstds/eresept/"

_TABLE: dict[tuple[str, str], str] = {
    (KITH + "m2/2014-12-01", "SoknadHelfo"): "M2",
    (EHELSE + "m2/2017-12-01", "SoknadHelfo"): "M2",
    (KITH + "m3/2010-05-01", "AnmodningSLV"): "M3",
    (KITH + "m12/2014-12-01", "Soknadssvar"): "M12",
    (EHELSE + "m12/2017-12-01", "Soknadssvar"): "M12",
    (KITH + "m14/2008-12-12", "SoknadSLV"): "M14",
    (KITH + "m15/2006-10-06", "SvarSLV"): "M15",
    (KITH + "m18/2013-04-16", "Oppgjorskrav"): "M18",
    (KITH + "m20/2010-05-01", "Notifisering"): "M20",
    (KITH + "m20/2013-10-08", "Notifisering"): "M20",
    (KITH + "m21/2010-05-01", "Ekspederingsanmodning"): "M21",
    (KITH + "m21/2013-10-08", "Ekspederingsanmodning"): "M21",
    (KITH + "m22/2006-10-06", "Oppgjorsresultat"): "M22",
    (KITH + "m23/2006-10-06", "Utbetaling"): "M23",
    (KITH + "m241/2009-02-20", "Samtykke"): "M24.1",
    (KITH + "m242/2008-10-03", "SvarSamtykke"): "M24.2",
    (KITH + "m243/2013-10-15", "SamtykkeFlytting"): "M24.3",
    (KITH + "m244/2013-10-15", "SamtykkeEndring"): "M24.4",
    (KITH + "m245/2013-10-15", "SamtykkeFlyttingInfo"): "M24.5",
    (KITH + "m261/2008-05-15", "Foresporsel"): "M26.1",
    (KITH + "m262/2008-05-15", "Svar"): "M26.2",
    (KITH + "m41/2006-10-06", "M41"): "M4.1",
    (KITH + "m42/2006-10-06", "M42"): "M4.2",
    (KITH + "m91/2010-06-04", "ForesporselReseptUtleverer"): "M9.1",
    (KITH + "m91/2013-10-08", "ForesporselReseptUtleverer"): "M9.1",
    (KITH + "m91/2023-03-20", "ForesporselReseptUtleverer"): "M9.1",
    (KITH + "m93/2010-06-04", "M93"): "M9.3",
    (KITH + "m95/2008-10-03", "M95"): "M9.5",
    (KITH + "m95/2015-05-01", "M95"): "M9.5",
    (EHELSE + "m95/2018-07-01", "M95"): "M9.5",
    (EHELSE + "m95/2021-02-01", "M95"): "M9.5",
    (KITH + "m95kj/2015-05-01", "M95KJ"): "M9.5KJ",
    (KITH + "m97/2015-05-01", "M97"): "M9.7",
    (EHELSE + "m97/2018-07-01", "M97"): "M9.7",
    (KITH + "m911/2014-01-21", "M911"): "M9.11",
    (EHELSE + "m911/2018-07-01", "M911"): "M9.11",
    (EHELSE + "m911/2021-10-01", "M911"): "M9.11",
    (KITH + "m921/2013-10-15", "M921"): "M9.21",
    (EHELSE + "m921/2019-03-01", "M921"): "M9.21",
    (KITH + "m922/2013-10-15", "M922"): "M9.22",
    (EHELSE + "m922/2019-03-01", "M922"): "M9.22",
    (KITH + "m9na1/2016-06-06", "M9NA1"): "M9NA1",
    (KITH + "m9na1/2023-10-01", "M9NA1"): "M9NA1",
    (KITH + "m9na3/2016-06-06", "M9NA3"): "M9NA3",
}


def read_other(message: Message) -> Reading:
    """A known message without medicines: who it is about, and the gap that says so."""
    body, envelope = message.body, message.envelope
    name = _TABLE.get((body.ns, body.name))
    if name is None:
        raise FormatError(ErrorCode.UNKNOWN_MESSAGE, body.path)
    person = envelope.patient if envelope else None
    return Reading(
        message=f"{name}/{body.ns.rpartition('/')[2]}",
        source=Source.RF,
        person=person,
        gaps=(Gap(Source.RF, GapCode.NOT_MEDICATION, name, body.place),),
        as_of=envelope.gen_date if envelope else None,
        breaches=identifier_breaches(person, "/MsgHead/MsgInfo/Patient"),
    )


CODECS: Codecs = dict.fromkeys(_TABLE, read_other)
