"""Files of mail: one mail (.eml) or many (mbox, RFC 4155)."""

import re

from .headers import parse_headers

# A separator line stands at the start of the file or after an empty line.
_SEPARATOR = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\n]{1,500}\n")
# Where a line of a mail began with "From " it was quoted with one ">" more.
_QUOTED = re.compile(rb"^>(>{0,20}From )", re.MULTILINE)


def split_mbox(data: bytes) -> list[bytes]:
    """Return the mails of an mbox file, or the one mail of an .eml file.

    Return [] when nothing of it has a header.
    """
    separators = list(_SEPARATOR.finditer(data)) if data.startswith(b"From ") else []
    if not separators:
        return [data] if len(parse_headers(data)) else []
    starts = [match.end() for match in separators]
    ends = [*(match.start() for match in separators[1:]), len(data)]
    return [
        _QUOTED.sub(rb"\1", data[start:end].removesuffix(b"\n"))
        for start, end in zip(starts, ends, strict=True)
        if data[start:end].strip()
    ]
