"""`Seponering`: the patient is not to take the medicine from this instant on. It may lie in the future.

Source: ER-M251-2013-10-08 (and its copy in M9.6 2021-02-01), reasons in code list 7494. A discontinuation that lay
ahead when the message was made is told as still in use with a last day; one that had come is told as stopped.
"""

from datetime import date, datetime

from formats.dates import day_of, last_day_before
from formats.eresept.forskrivning import Said, joined
from formats.node import Node
from formats.statement import SaidStatus, StatementType


def read_seponering(node: Node, as_of: datetime | None, changed: date | None) -> Said:
    """The decision to stop, as of the message's own time. `changed`: when the line was last changed (weak date)."""
    moment = node.moment("Tidspunkt")
    told: Said = {
        "type": StatementType.DECISION,
        "status": SaidStatus.STOPPED,
        "reason": joined(node.dn("Arsak") or None, node.words("Merknad")),
        "decided": day_of(moment) if moment else None,
        "end": last_day_before(moment) if moment else None,
    }
    if moment and as_of and moment > as_of:
        told["status"] = SaidStatus.ACTIVE
        told["decided"] = changed
    return told
