"""What the property tests draw from: bytes and texts that look a little like mail."""

try:
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st
except ModuleNotFoundError:
    # An Odoo that runs our tests beside its own need not have it.
    from .without_hypothesis import HealthCheck, Phase, given, settings, st

__all__ = [
    "addresses",
    "given",
    "header_text",
    "mail_bytes",
    "names",
    "quick",
    "settings",
    "st",
]

#: Enough examples to find what is likely, quick enough for every run. The tests keep
#: nothing on disk and draw the same each time, so that the same code always gets the
#: same verdict; dev/fuzz searches for more. What explains a
#: failure traces every line, which is slow, and was seen to hang CPython 3.11.
quick = settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)

_PIECES = [
    b"From: ", b"To: ", b"Cc: ", b"Subject: ", b"Date: ", b"References: <", b">, <",
    b"Message-ID: <a@b.test>", b"Received: from a (b [127.0.0.1]) by c with LMTP",
    b"Content-Type: multipart/mixed; boundary=b", b"--b", b"--b--", b"\r\n", b"\n",
    b"\r", b" ", b"\t", b":", b";", b",", b'"', b"(", b")", b"<", b">", b"@", b"\\",
    b"=?utf-8?q?=C3=A9?=", b"=?x-none?b?w6k?=", b"=?", b"?=", b"\xc3\xa9", b"\xff",
    b"\0", b"a@b.test", b"Content-Type: text/plain; charset=x-none",
    b"Content-Transfer-Encoding: base64", b"Content-Type: message/rfc822", b"=",
    b"Content-Disposition: attachment; filename*=x''%ff", b"From x\n", b"for <a@b>",
    b"Mon, 1 Jan 2024 00:00:00 +9999", b"Content-Type: text/html", b"\r\n\r\n",
]  # fmt: skip

#: Bytes that a parser of mail may stumble over.
mail_bytes = st.one_of(
    st.binary(max_size=300),
    st.lists(st.sampled_from(_PIECES), max_size=40).map(b"".join),
    st.lists(
        st.one_of(st.sampled_from(_PIECES), st.binary(max_size=6)), max_size=40
    ).map(b"".join),
)

#: The same as text, for what works on header values; with lone surrogates.
header_text = st.one_of(
    st.text(max_size=200),
    mail_bytes.map(lambda raw: raw.decode("utf-8", "surrogateescape")),
)

_ATOM = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=10)

#: Normalised addresses on two domains.
addresses = st.builds(
    "{}@{}".format, _ATOM, st.sampled_from(["own.test", "foreign.test"])
)

#: Names as people have them.
names = st.text(max_size=60).map(lambda text: " ".join(text.split()))
