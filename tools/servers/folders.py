"""What the folders of a mailbox are for: by RFC 6154, else by their name."""

from collections.abc import Iterable

from ..mail.phrases import fold
from .imap import FolderName

_JUNK = "\\junk"
# A mail that was sent, or that is in another folder too, has not arrived there.
_NO_ARRIVAL = frozenset({"\\sent", "\\drafts", "\\all", "\\flagged", "\\important"})

# As servers and mail programs that know no RFC 6154 call them.
_JUNK_NAMES = frozenset(
    fold(name)
    for name in (
        "junk", "junk e-mail", "junk email", "junk mail", "spam", "bulk", "bulk mail",
        "quarantine", "spamverdacht", "junk-e-mail", "courrier indesirable",
        "indesirables", "pourriel", "correo no deseado", "posta indesiderata",
        "ongewenste e-mail", "thu rac",
    )
)  # fmt: skip
_SENT_NAMES = frozenset(
    fold(name)
    for name in (
        "sent", "sent items", "sent mail", "sent messages", "drafts", "outbox",
        "gesendet", "gesendete objekte", "gesendete elemente", "entwurfe", "envoyes",
        "elements envoyes", "enviados", "inviata", "verzonden items", "da gui",
        "thu da gui",
    )
)  # fmt: skip


def is_junk(folder: FolderName, folders: Iterable[FolderName] = ()) -> bool:
    """Tell whether this is where the provider puts what it takes for spam.

    Names count only where none of all the `folders` is marked as such.
    """
    if any(_JUNK in one.flags for one in (folder, *folders)):
        return _JUNK in folder.flags
    return is_junk_name(folder.name)


def is_junk_name(name: str) -> bool:
    """Tell whether a folder with this name is for spam, as far as a name tells."""
    return bool(_words(name) & _JUNK_NAMES)


def may_hold_arrivals(folder: FolderName) -> bool:
    """Tell whether a mail in this folder has arrived.

    It hasn't in Sent, nor where the server shows the mail of all folders.
    """
    return not (folder.flags & _NO_ARRIVAL or _words(folder.name) & _SENT_NAMES)


def _words(name: str) -> set[str]:
    """Return the last part of a folder's path, for the usual delimiters."""
    return {fold(name.rpartition(mark)[2]).strip() for mark in "/."}
