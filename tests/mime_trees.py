"""Mails of any shape for the property tests: trees of parts, and their bytes."""

import base64
from email.header import Header

from .strategies import st

__all__ = ["as_mail", "mime_trees"]

_WORD = st.text("abcdefghijklmnopqrstuvwxyzêộàđ", min_size=1, max_size=8)
_SENTENCE = st.lists(_WORD, min_size=0, max_size=4).map(" ".join)
_NAME = st.one_of(
    st.just(""),
    st.builds("{}.{}".format, _WORD, st.sampled_from(["pdf", "txt", "png", "eml"])),
    st.sampled_from(["a b.pdf", "C:\\tmp\\c.pdf", "attachment", "Báo giá.xlsx"]),
)
_DISPOSITION = st.sampled_from(["", "inline", "attachment"])

_PLAIN = st.tuples(
    st.just("text/plain"), _SENTENCE, st.just(""), st.just(""), st.just("")
)
_HTML = st.tuples(
    st.just("text/html"),
    st.one_of(_SENTENCE.map("<p>{}</p>".format), st.just("<br>"), st.just("")),
    st.just(""),
    st.just(""),
    st.just(""),
)
_FILE = st.tuples(
    st.sampled_from(
        ["application/pdf", "image/png", "text/csv", "text/plain", "text/html"]
        + ["text/calendar", "text/watch-html", "application/octet-stream"]
    ),
    _SENTENCE,
    _DISPOSITION,
    _NAME,
    st.sampled_from(["", "one@pictures", "two@pictures"]),
)


def _containers(parts):
    return st.one_of(
        st.tuples(
            st.sampled_from(
                ["mixed", "alternative", "related", "signed", "report", "digest"]
            ).map("multipart/{}".format),
            st.lists(parts, max_size=4),
        ),
        st.tuples(st.just("message/rfc822"), parts),
    )


#: (type, text, disposition, name, Content-ID) of a leaf, (type, parts) of a multipart,
#: (type, tree) of an enclosed mail.
mime_trees = st.recursive(st.one_of(_PLAIN, _HTML, _FILE), _containers, max_leaves=12)


def as_mail(tree, subject="A tree"):
    """Return the bytes of a mail with these parts."""
    header = (
        "From: Lan <lan@customer.test>\r\nTo: sales@own.test\r\n"
        f"Subject: {Header(subject, 'utf-8').encode()}\r\n"
        "Message-ID: <tree@customer.test>\r\nMIME-Version: 1.0\r\n"
    )
    return (header + "\r\n".join(_lines(tree, [0]))).encode("utf-8")


def _lines(tree, counter):
    """Return the lines of a part: its header, an empty one, its body."""
    counter[0] += 1
    kind = tree[0]
    if kind == "message/rfc822":
        inner = _lines(tree[1], counter)
        return [f"Content-Type: {kind}", "", f"Subject: Inner {counter[0]}", *inner]
    if kind.startswith("multipart/"):
        boundary = f"boundary-{counter[0]}"
        lines = [f'Content-Type: {kind}; boundary="{boundary}"', ""]
        for part in tree[1]:
            lines += [f"--{boundary}", *_lines(part, counter)]
        return [*lines, f"--{boundary}--", ""]
    return _leaf(*tree)


def _leaf(kind, text, disposition, name, cid):
    charset = "; charset=utf-8" if kind.startswith("text/") else ""
    lines = [f"Content-Type: {kind}{charset}", "Content-Transfer-Encoding: base64"]
    if name and not disposition:
        lines[0] += f'; name="{name}"'
    if disposition:
        named = f'; filename="{name}"' if name else ""
        lines.append(f"Content-Disposition: {disposition}{named}")
    if cid:
        lines.append(f"Content-ID: <{cid}>")
    return [*lines, "", base64.b64encode(text.encode()).decode("ascii")]
