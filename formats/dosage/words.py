"""The words of the canonical dosing sentence, one row for a word in Bokmål, Nynorsk and English: data only."""

from typing import NamedTuple

# singular/plural
_UNITS = """
tablett | tablett/tabletter | tablett/tablettar | tablet/tablets
kapsel | kapsel/kapsler | kapsel/kapslar | capsule/capsules
ml | ml/ml | ml/ml | ml/ml
mg | mg/mg | mg/mg | mg/mg
g | gram/gram | gram/gram | gram/grams
mikrog | mikrogram/mikrogram | mikrogram/mikrogram | microgram/micrograms
E | enhet/enheter | eining/einingar | unit/units
dråpe | dråpe/dråper | drope/dropar | drop/drops
dose | dose/doser | dose/dosar | dose/doses
inhalasjon | inhalasjon/inhalasjoner | inhalasjon/inhalasjonar | inhalation/inhalations
spray | spray/sprayer | spray/sprayar | spray/sprays
plaster | plaster/plastre | plaster/plaster | patch/patches
pose | pose/poser | pose/posar | sachet/sachets
sprøyte | sprøyte/sprøyter | sprøyte/sprøyter | syringe/syringes
injeksjon | injeksjon/injeksjoner | injeksjon/injeksjonar | injection/injections
penn | penn/penner | penn/pennar | pen/pens
stikkpille | stikkpille/stikkpiller | stikkpille/stikkpiller | suppository/suppositories
vagitorie | vagitorie/vagitorier | vagitorie/vagitoriar | vaginal suppository/vaginal suppositories
vaginaltablett | vaginaltablett/vaginaltabletter | vaginaltablett/vaginaltablettar | vaginal tablet/vaginal tablets
klyster | klyster/klyster | klyster/klyster | enema/enemas
ampulle | ampulle/ampuller | ampulle/ampullar | ampoule/ampoules
teskje | teskje/teskjeer | teskei/teskeier | teaspoon/teaspoons
barneskje | barneskje/barneskjeer | barneskei/barneskeier | dessertspoon/dessertspoons
spiseskje | spiseskje/spiseskjeer | spiseskei/spiseskeier | tablespoon/tablespoons
length d | dag/dager | dag/dagar | day/days
length mo | måned/måneder | månad/månader | month/months
"""

_WORDS = """
part morgen | om morgenen | om morgonen | in the morning
part formiddag | om formiddagen | om formiddagen | in the late morning
part middag | midt på dagen | midt på dagen | at midday
part ettermiddag | om ettermiddagen | om ettermiddagen | in the afternoon
part kveld | om kvelden | om kvelden | in the evening
part natt | om natten | om natta | at night
part sengetid | ved sengetid | ved sengetid | at bedtime
day ma | mandag | måndag | Monday
day ti | tirsdag | tysdag | Tuesday
day on | onsdag | onsdag | Wednesday
day to | torsdag | torsdag | Thursday
day fr | fredag | fredag | Friday
day lø | lørdag | laurdag | Saturday
day sø | søndag | sundag | Sunday
both øye | i hvert øye | i kvart auge | in each eye
both øre | i hvert øre | i kvart øyre | in each ear
both nesebor | i hvert nesebor | i kvart nasebor | in each nostril
both | på hver side | på kvar side | on each side
side venstre | venstre | venstre | left
side høyre | høyre | høgre | right
at øye | i {side} øye | i {side} auge | in the {side} eye
at øre | i {side} øre | i {side} øyre | in the {side} ear
at nesebor | i {side} nesebor | i {side} nasebor | in the {side} nostril
at | på {side} side | på {side} side | on the {side} side
once daily | 1 gang daglig | 1 gong dagleg | once daily
times daily | {n} ganger daglig | {n} gonger dagleg | {n} times daily
up to times daily | inntil {n} ganger daglig | inntil {n} gonger dagleg | up to {n} times daily
daily | daglig | dagleg | daily
daily unsaid | hver dag, antall ganger ikke sagt | kvar dag, talet på gonger ikkje sagt | each day, how often not said
each time | {amount} hver gang, | {amount} kvar gong, | {amount} each time,
clock | klokken {clock} | klokka {clock} | at {clock}
on days | hver {days} | kvar {days} | every {days}
and | og | og | and
every h | hver {n}. time | kvar {n}. time | every {n} hours
every d | hver {n}. dag | kvar {n}. dag | every {n} days
every mo | hver {n}. måned | kvar {n}. månad | every {n} months
weekly | hver uke | kvar veke | every week
monthly | hver måned | kvar månad | every month
alternate | annenhver dag | annankvar dag | every other day
other days | de andre dagene | dei andre dagane | on the other days
times in | {n} ganger {period} | {n} gonger {period} | {n} times {period}
up to times in | inntil {n} ganger {period} | inntil {n} gonger {period} | up to {n} times {period}
week | i uken | i veka | a week
month | i måneden | i månaden | a month
per d | per {n} dager | per {n} dagar | per {n} days
per mo | per {n} måneder | per {n} månader | per {n} months
single | som engangsdose | som eingongsdose | as a single dose
needed | ved behov | ved behov | as needed
besides | fast, i tillegg {needed} | fast, i tillegg {needed} | regularly, in addition {needed}
ceiling | høyst {amount} per døgn | høgst {amount} per døgn | at most {amount} in 24 hours
during | i {length} | i {length} | for {length}
during up to | i inntil {length} | i inntil {length} | for up to {length}
then | deretter | deretter | then
stop | slutt | slutt | stop
pause | {length} pause | {length} pause | {length} pause
repeated | gjentas | gjentakast | repeated
down | ned med {amount} {interval} | ned med {amount} {interval} | down by {amount} {interval}
up | opp med {amount} {interval} | opp med {amount} {interval} | up by {amount} {interval}
unknown amount | ukjent mengde | ukjend mengd | amount unknown
partial | Bare delvis lest: {said}. Se teksten. | Berre delvis lese: {said}. Sjå teksten. | Only partly read: {said}. See the text.
"""  # noqa: E501 - a row is a row


class Words(NamedTuple):
    """One language: its words by their name, units as (singular, plural), and its decimal mark."""

    words: dict[str, str]
    units: dict[str, tuple[str, str]]
    mark: str

    def say(self, name: str, **parts: str) -> str:
        """The word of that name with its places filled in; a name that does not exist is our fault (`KeyError`)."""
        return self.words[name].format(**parts)


def _column(table: str, place: int) -> dict[str, str]:
    rows = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return {row[0]: row[place] for row in rows}


def _words(place: int, mark: str) -> Words:
    units = {
        unit: (one, many) for unit, said in _column(_UNITS, place).items() for one, _, many in [said.partition("/")]
    }
    return Words(_column(_WORDS, place), units, mark)


LANGUAGES = {"nb": _words(1, ","), "nn": _words(2, ","), "en": _words(3, ".")}
