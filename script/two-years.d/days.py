"""The calendar of the model: regular days, paydays, the Federal Reserve's days, legal holidays, hours. Nothing of it is ours.

From docs/PLANS.md and docs/NETWORK-RULES.md; holidays from 5 USC 6103 and the schedules of the Federal Reserve Banks.
"""

import calendar
import datetime
import functools
import zoneinfo

UTC = datetime.timezone.utc
DAY = datetime.timedelta(days=1)
NEW_YORK = zoneinfo.ZoneInfo("America/New_York")


def last_of(year, month):
    return calendar.monthrange(year, month)[1]


def nth(frequency, start, n):
    """The nth regular day of a plan, from 0: counted from the first one, so that a short month moves no later day."""
    if frequency in ("weekly", "every_other_week"):
        return start + n * (7 if frequency == "weekly" else 14) * DAY
    year, month = divmod(start.year * 12 + start.month - 1 + n, 12)
    last = last_of(year, month + 1)
    return datetime.date(year, month + 1, last if frequency == "last_of_month" else min(start.day, last))


def following(frequency, start, after, many):
    """So many regular days after this one."""
    found, n = [], 0
    while len(found) < many:
        day = nth(frequency, start, n)
        if day > after:
            found.append(day)
        n += 1
    return found


def months_later(day, months):
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, last_of(year, month + 1)))


@functools.cache
def holidays(year):
    """The days on which the holidays of a year fall."""

    def weekday(month, which, number):
        days = [datetime.date(year, month, d) for d in range(1, last_of(year, month) + 1)]
        return [day for day in days if day.weekday() == which][number]

    fixed = [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)]
    moving = [(1, 0, 2), (2, 0, 2), (5, 0, -1), (9, 0, 0), (10, 0, 1), (11, 3, 3)]
    return frozenset([datetime.date(year, *one) for one in fixed] + [weekday(*one) for one in moving])


def is_weekend(day):
    return day.weekday() >= 5


@functools.cache
def is_banking_day(day):
    """A Sunday's holiday closes the banks on Monday, a Saturday's not at all."""
    monday_after = day.weekday() == 0 and day - DAY in holidays((day - DAY).year)
    return not is_weekend(day) and day not in holidays(day.year) and not monday_after


@functools.cache
def is_business_day(day):
    """Neither a weekend nor a legal holiday, which is kept on Friday where it is a Saturday, and on Monday where a Sunday."""
    friday_before = day.weekday() == 4 and day + DAY in holidays((day + DAY).year)
    return is_banking_day(day) and not friday_before


def banking_day_from(day):
    while not is_banking_day(day):
        day += DAY
    return day


def business_days_before(day, many):
    while many:
        day -= DAY
        many -= is_business_day(day)
    return day


def is_payday(day):
    return day.weekday() == 4 or day.day in (1, 15) or day.day == last_of(day.year, day.month)


@functools.cache
def start_of(day, zone):
    """The first instant of a civil day."""
    return datetime.datetime.combine(day, datetime.time(), zone).astimezone(UTC)


def day_of(instant, zone):
    return instant.astimezone(zone).date()


def whole_day_from(instant, zone):
    """The first civil day that begins then or later."""
    day = day_of(instant, zone)
    return day if start_of(day, zone) == instant else day + DAY


def settles_on(taken):
    """The banking day after the one on which a debit is processed; what is taken at 16:45 in New York or later is processed on
    the next one."""
    local = taken.astimezone(NEW_YORK)
    day = local.date()
    if not is_banking_day(day) or (local.hour, local.minute) >= (16, 45):
        day = banking_day_from(day + DAY)
    return banking_day_from(day + DAY)


def settles_at(taken):
    """The sandbox settles in the morning of that day."""
    return datetime.datetime.combine(settles_on(taken), datetime.time(8, 30), NEW_YORK).astimezone(UTC)


def suits(instant, zones):
    """The first instant from this one on that is between 8 a.m. and 9 p.m. in every one of these zones."""
    while True:
        latest = instant
        for zone in zones:
            local = instant.astimezone(zone)
            day = local.date()
            if local.time() > datetime.time(21):
                day += DAY
            if local.time() < datetime.time(8) or day != local.date():
                latest = max(latest, datetime.datetime.combine(day, datetime.time(8), zone).astimezone(UTC))
        if latest == instant:
            return instant
        instant = latest
