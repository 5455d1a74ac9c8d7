"""Finds what to load among the daily files that a template of addresses names, by asking for them day by day."""

from datetime import date, timedelta

from ai_emissions.model_power import compare
from ai_emissions.model_power.fetch import FetchError, fetch, public_address
from ai_emissions.model_power.load import Job, load_address, read_rows, refuse, say
from ai_emissions.model_power.read import NoFigures, Refused, Source
from ai_emissions.model_power.snapshot import Row, Snapshot

# How far past a day without a usable file the look back goes; the longest gap of the public files is 13 days.
LONGEST_GAP_DAYS = 14
PROGRESS_EVERY_DAYS = 20


def address_of(job: Job, day: date) -> str:
    return job.template.format(date=day)


def load_newest(job: Job) -> Snapshot:
    """Walk back from ``as_of`` to the newest daily file with rows of the accepted prompt size, and load it.

    Raises Refused if the newest readable file is refused for another reason, FetchError if there is none.
    """
    without_figures = []
    for back in range(job.max_days_back + 1):
        day = job.as_of - timedelta(days=back)
        url = address_of(job, day)
        title = public_address(url).rsplit("/", 1)[-1]
        if back % PROGRESS_EVERY_DAYS == 0:
            say(f"looking for the newest daily file with {job.accepted} rows: {day}")
        try:
            snapshot = load_address(job, url, title, day, frozen_sightings)
        except NoFigures:
            without_figures.append(day)
            continue
        except Refused as error:
            hint = f"--as-of {day - timedelta(days=1)} passes over it"
            raise Refused(f"{title}: {error}. It is the newest file; {hint}") from None
        if snapshot:
            if without_figures:
                newest, oldest = without_figures[0], without_figures[-1]
                say(
                    f"{len(without_figures)} newer files, {oldest} to {newest}, hold no {job.accepted} rows: "
                    "they give no default figure and were passed over"
                )
            return snapshot
    raise FetchError(
        f"{public_address(job.template)}: no daily file with {job.accepted} rows from {day} to {job.as_of} "
        f"({len(without_figures)} without such rows). Check --url-template, or give an older --as-of."
    )


def load_weekly(job: Job, since: date) -> Snapshot | None:
    """Load one file a week, the first usable one of each week, from ``since`` to ``as_of``. Returns the newest."""
    weeks = [since + timedelta(days=offset) for offset in range(0, (job.as_of - since).days + 1, 7)]
    newest, empty = None, []
    for number, start in enumerate(weeks, 1):
        title = f"[{number}/{len(weeks)}] week of {start}"
        loaded = first_of_week(job, start, title)
        if loaded:
            newest = loaded
        else:
            empty.append(start)
            say(f"{title}: no file with {job.accepted} rows")
    if empty:
        say(f"{len(empty)} of {len(weeks)} weeks hold no file with {job.accepted} rows, last the week of {empty[-1]}")
    if newest is None and not job.refused:
        raise FetchError(
            f"{public_address(job.template)}: no daily file with {job.accepted} rows from {since} to {job.as_of}. "
            "Check --url-template and --since."
        )
    return newest


def first_of_week(job: Job, start: date, title: str) -> Snapshot | None:
    for day in (start + timedelta(days=offset) for offset in range(7)):
        if day > job.as_of:
            break
        url = address_of(job, day)
        try:
            snapshot = load_address(job, url, f"{title}: {day}", day)
        except NoFigures:
            continue
        except Refused as error:
            refuse(job, public_address(url), f"{title}: {day}", error)
            continue
        if snapshot:
            return snapshot
    return None


def frozen_sightings(job: Job, rows: list[Row]) -> compare.Sightings:
    """Energies of earlier daily files that show since when most values are the same: ever longer steps back until
    they differ, then halving. A date of a file proves nothing: the public ones repeat old values for months."""
    day = rows[0].measured_on
    same, different, seen = day, None, {}
    say("looking at earlier files for how long its values have been the same")
    try:
        step = timedelta(days=7)
        while different is None and step.days <= job.max_days_back:
            found = newest_at(job, day - step, day - step - timedelta(days=LONGEST_GAP_DAYS), seen)
            if found is None:
                break
            if compare.share_unchanged(rows, seen[found]) > 0.5:
                same, step = found, 2 * step
            else:
                different = found
        while different is not None and (same - different).days > 1:
            middle = different + (same - different) // 2
            found = newest_at(job, middle, different, seen)
            if found is None:
                different = middle
            elif compare.share_unchanged(rows, seen[found]) > 0.5:
                same = found
            else:
                different = found
    except FetchError as error:
        say(f"    could not look further back: {error}")
    return seen


def newest_at(job: Job, day: date, floor: date, seen: compare.Sightings) -> date | None:
    """The day of the newest usable file on or before ``day`` and after ``floor``; its energies go to ``seen``."""
    while day > floor:
        if day in job.sightings:
            seen[day] = job.sightings[day]
        elif day not in seen:
            url = address_of(job, day)
            answer = fetch(job.session, url, job.limits)
            if answer.content is not None:
                try:
                    source = Source(answer.content, public_address(url), expected_on=day)
                    seen[day] = compare.energies_of(read_rows(job, source)[0])
                except Refused:
                    pass
        if day in seen:
            return day
        day -= timedelta(days=1)
    return None
