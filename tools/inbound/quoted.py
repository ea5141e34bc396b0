"""Text that a sender chose and a server repeats: quoted local parts (RFC 5321 4.1.2).

`MAIL FROM:<"a) by mx.example.com with LMTP ("@example.net>` names an address. Servers
write it into their own lines as it is, where it must not be read as words of theirs.
"""

import re

_MARK = re.compile(r'\\.|"', re.DOTALL)
#: What no server's word has in it: then it does not matter who chose the text.
_HARMLESS = re.compile(r"[\w.+'&/-]*\Z")


def without_quoted(value: str, before: str = "<") -> str:
    """Return a server's line with "?" for each quoted local part that holds more than
    a word.

    `before`: the characters of which one stands before an address. What is in quotes
    and no local part stays.
    """
    if '"' not in value:
        return value
    pieces, at, opened = [], 0, -1
    for mark in _MARK.finditer(value):
        if mark[0] != '"':
            continue
        place = mark.start()
        if opened >= 0 and value.startswith("@", place + 1):
            if not _HARMLESS.match(value[opened + 1 : place]):
                pieces += [value[at:opened], "?"]
                at = place + 1
            opened = -1
        else:
            opened = place if place and value[place - 1] in before else -1
    return "".join([*pieces, value[at:]])
