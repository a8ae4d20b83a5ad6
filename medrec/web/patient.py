"""Pasienten: the list is the page."""

from datetime import date, timedelta

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from medrec import clock, hearing, listing, persons, roster
from medrec import worklist as stored_work
from medrec.access import gate
from medrec.access.gate import database, needs, see
from medrec.access.people import Need
from medrec.actions import ActionKind
from medrec.difference import Difference, differences
from medrec.notices.threads import replies_by_flag
from medrec.persons import PersonCard
from medrec.rendered import rendered
from medrec.web import kept
from medrec.web.language import chosen
from medrec.web.view import list_view
from medrec.worklist import ActionNote

pages = Blueprint("patient", __name__, url_prefix="/patients")


@pages.get("/<person_id>")
@needs(Need.SEE_LIST)
def page(person_id: str) -> ResponseReturnValue:
    """The present list, or the words that there is none yet. It is rendered when the log's row is committed."""
    held, said, me = rendered(), None, gate.user()
    with database().writing() as session:
        see(session, person_id)
        now = clock.now()
        key = kept.key_of(session, person_id, me, now)
        html = held.get(key) if key else None
        if html is None:
            said = told(session, person_id)
            stays = key is not None and key == kept.key_of(session, person_id, me, now)
    if said is not None:
        html = kept.page(said)
        if stays:
            held.keep(key, html)
    return kept.filled(html or b"", me, now)


def told(session: Session, person_id: str) -> dict[str, object]:
    """All that the page, the sheet and the copied text are made from; 404 for a person who is not there."""
    now, today = clock.now(), clock.today()
    stored = listing.current_list(session, person_id)
    card = persons.who(session, person_id)
    if card is None:
        abort(404)
    care = roster.care_of(session, person_id, today)
    notes = stored_work.history(session, person_id)
    words = hearing.sources(session, person_id, today, statements=False) if stored else ()
    since, confirmed = since_last(session, person_id, stored, notes)
    replies = replies_by_flag(session, person_id)
    view = (
        list_view(stored, chosen(), now=now, care=care, notes=notes, replies=replies, words=words) if stored else None
    )
    return {
        "person_id": person_id,
        "card": card,
        "age": age(card, today),
        "care": care,
        "view": view,
        "since": since,
        "confirmed": confirmed,
        "notes": notes,
        "now": now,
        "at": now.isoformat(),
        "latest_snooze": today + timedelta(days=7),
        "me": gate.user(),
    }


def since_last(
    session: Session, person_id: str, stored: listing.StoredList | None, notes: tuple[ActionNote, ...]
) -> tuple[tuple[Difference, ...], ActionNote | None]:
    """What changed since this reader (else anybody) last went through the list, and that act; nothing where nobody did.

    A newer version that came of the confirming itself is no change.
    """
    confirmed = [n for n in notes if n.kind == ActionKind.CONFIRM and n.undone_at is None]
    mine = next((n for n in confirmed if n.by_id == gate.user().id), None) or next(iter(confirmed), None)
    if mine is None or stored is None:
        return (), None
    before = listing.list_as_of(session, person_id, mine.at)
    return (differences(before.reconciliation, stored.reconciliation) if before else ()), mine


def age(card: PersonCard, today: date) -> int | None:
    """Whole years, `None` where the birth date is not known."""
    born = card.birth_date
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) if born else None
