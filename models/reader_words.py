"""What the reader of mail says itself, in the language of who reads the document."""

from odoo.tools.translate import LazyTranslate

from ..tools.mail.calendars import CalendarWords
from ..tools.mail.filenames import FileWords
from ..tools.mail.read import ReadWords
from .words import translated

_lt = LazyTranslate(__name__)

FILES = {
    "file": _lt("file"),
    "picture": _lt("picture"),
    "recording": _lt("recording"),
    "video": _lt("video"),
    "text": _lt("text"),
    "message": _lt("message"),
    "invitation": _lt("invitation"),
    "contact": _lt("contact"),
    "report": _lt("report"),
    "signature": _lt("signature"),
}
CALENDAR = {
    "when": _lt("When"),
    "where": _lt("Where"),
    "organizer": _lt("Organizer"),
    "participants": _lt("Participants"),
    "cancelled": _lt("This event is cancelled."),
    "accepted": _lt("accepted"),
    "declined": _lt("declined"),
    "tentative": _lt("tentative"),
}
NOTES = {
    "signed": _lt("This email is signed. The signature has not been verified."),
    "encrypted": _lt("This email is encrypted. Whoever has the key can open the file."),
}


def reader_words(env):
    """Return the :class:`ReadWords` in the language of an environment."""
    files, calendar, notes = (
        {name: translated(env, term) for name, term in table.items()}
        for table in (FILES, CALENDAR, NOTES)
    )
    return ReadWords(FileWords(**files), CalendarWords(**calendar), **notes)
