"""An invitation as a person reads it (RFC 5545, RFC 5546)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from .text import single_line

#: Characters of a calendar that are read.
MAX_READ = 200_000
#: Participants that are named.
MAX_NAMED = 20

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE_END = re.compile(r"\r\n|\r|\n")
_PROPERTY = re.compile(r'([A-Za-z0-9-]{1,60})((?:;[^:";]*(?:"[^"]*"[^:";]*)*)*):(.*)')
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=(?:"([^"]*)"|([^;]*))')
_ESCAPE = re.compile(r"\\([\\;,Nn])")
_EVENTS = ("VEVENT", "VTODO", "VJOURNAL")


@dataclass(frozen=True)
class CalendarWords:
    """What stands before each line, in the language of who reads it."""

    when: str = "When"
    where: str = "Where"
    organizer: str = "Organizer"
    participants: str = "Participants"
    cancelled: str = "This event is cancelled."
    accepted: str = "accepted"
    declined: str = "declined"
    tentative: str = "tentative"


@dataclass(frozen=True)
class _Property:
    name: str
    parameters: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value without its escapes, RFC 5545 3.3.11."""
        return _ESCAPE.sub(
            lambda found: "\n" if found[1] in "Nn" else found[1], self.value
        ).strip()

    @property
    def person(self) -> str:
        """The name and address of an attendee."""
        address = re.sub(r"(?i)^mailto:", "", self.value.strip())
        name = self.parameters.get("CN", "").strip()
        return f"{name} <{address}>" if name and name != address else address


def invitation_text(calendar: str, words: CalendarWords) -> str:
    """Return the first event of a calendar as plain text, "" where there is none."""
    event: list[_Property] = []
    method, inside = "", ""
    for one in _properties(calendar[:MAX_READ]):
        if one.name == "METHOD" and not inside:
            method = one.value.strip().upper()
        elif one.name == "BEGIN" and one.value.strip().upper() in _EVENTS and not event:
            inside = one.value.strip().upper()
        elif one.name == "BEGIN" and inside:
            # An alarm has a description of its own.
            inside += "/"
        elif one.name == "END" and inside.endswith("/"):
            inside = inside[:-1]
        elif one.name == "END" and inside:
            break
        elif inside and not inside.endswith("/"):
            event.append(one)
    return "\n".join(_lines(event, method, words)) if event else ""


def _properties(calendar: str) -> Iterator[_Property]:
    for line in _LINE_END.split(_FOLD.sub("", calendar)):
        found = _PROPERTY.fullmatch(line)
        if found:
            parameters = {
                name.upper(): quoted or plain
                for name, quoted, plain in _PARAMETER.findall(found[2])
            }
            yield _Property(found[1].upper(), parameters, found[3])


def _lines(event: list[_Property], method: str, words: CalendarWords) -> Iterator[str]:
    first: dict[str, _Property] = {}
    for one in event:
        first.setdefault(one.name, one)
    if "SUMMARY" in first:
        yield single_line(first["SUMMARY"].text)
    status = first["STATUS"].value.strip().upper() if "STATUS" in first else ""
    if method == "CANCEL" or status == "CANCELLED":
        yield words.cancelled
    if "DTSTART" in first:
        yield f"{words.when}: {_span(first['DTSTART'], first.get('DTEND'))}"
    if "LOCATION" in first and first["LOCATION"].text:
        yield f"{words.where}: {single_line(first['LOCATION'].text)}"
    if "ORGANIZER" in first:
        yield f"{words.organizer}: {single_line(first['ORGANIZER'].person)}"
    people = [one for one in event if one.name == "ATTENDEE"]
    if people:
        named = ", ".join(_participant(one, words) for one in people[:MAX_NAMED])
        yield f"{words.participants}: {named}{' …' if people[MAX_NAMED:] else ''}"
    if "DESCRIPTION" in first and first["DESCRIPTION"].text:
        yield ""
        yield first["DESCRIPTION"].text
    for comment in (one.text for one in event if one.name == "COMMENT" and one.text):
        yield ""
        yield comment


def _participant(attendee: _Property, words: CalendarWords) -> str:
    said = {
        "ACCEPTED": words.accepted,
        "DECLINED": words.declined,
        "TENTATIVE": words.tentative,
    }.get(attendee.parameters.get("PARTSTAT", "").upper())
    person = single_line(attendee.person)
    return f"{person} ({said})" if said else person


def _span(start: _Property, end: _Property | None) -> str:
    """Return `2025-12-01 03:00 - 04:00 UTC`, as far as it is known."""
    first, zone = _moment(start)
    last = _moment(end)[0] if end else ""
    if last[:10] == first[:10]:
        last = last[11:]
    span = f"{first} - {last}" if last and last != first else first
    return f"{span} {zone}".strip()


def _moment(one: _Property) -> tuple[str, str]:
    """Return (moment as a person reads it, its time zone or "")."""
    value = one.value.strip()
    zone = "UTC" if value.endswith("Z") else one.parameters.get("TZID", "")
    for written, shown in (("%Y%m%dT%H%M%S", "%Y-%m-%d %H:%M"), ("%Y%m%d", "%Y-%m-%d")):
        try:
            moment = datetime.strptime(value.removesuffix("Z"), written)
        except ValueError:
            continue
        return moment.strftime(shown), single_line(zone)
    return single_line(value), ""
