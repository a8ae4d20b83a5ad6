"""Where this room is tied to the house: after each judgement, after each message heard, and as a tick."""

from medrec import intake, listing, schedule
from medrec.notices import answers, rounds, tidy

_SECONDS, _TIDY_SECONDS = 20.0, 300.0


def register() -> None:
    """Tie it once; called by every process that judges, takes in or schedules."""
    if rounds.after_refresh not in listing.AFTER_REFRESH:
        listing.AFTER_REFRESH.append(rounds.after_refresh)
    if answers.after_heard not in intake.AFTER_HEARD:
        intake.AFTER_HEARD.append(answers.after_heard)
    if not any(name == "notices" for name, _, _ in schedule.TICKS):
        schedule.TICKS.append(("notices", _SECONDS, rounds.shared))
        schedule.TICKS.append(("delivery", _SECONDS, rounds.carry_due))
        schedule.TICKS.append(("ryddeliste", _TIDY_SECONDS, tidy.tick))
