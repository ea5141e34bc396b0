"""Feeds the tools that read mail with ever new bytes, guided by their coverage.

Runs in the tests' virtual environment; ``dev/fuzz`` starts it. Each check reads a mail
and states what must be true of any mail. Wanted is a failing check, an exception, a
hang, or memory without bounds.
"""

import sys

import atheris

from . import config

sys.path.insert(0, str(config.CHECKOUT))
with atheris.instrument_imports(include=["tools"]):
    from tools.inbound import authentication, automatic, bounces, recipients, spam
    from tools.mail import (
        addresses,
        fingerprint,
        headers,
        mbox,
        mime,
        preview,
        read,
        simplified,
        write,
    )

OWN = frozenset({"own.test"})
ACCOUNT = frozenset({"catchall@own.test"})
TRACE = b"X-Original-To: sales@own.test\r\nDelivered-To: catchall@own.test\r\n"


def check_headers(raw):
    """Fields are read, and read again the same from what was tidied."""
    found = headers.parse_headers(raw)
    for field in found:
        assert "\n" not in field.value
        found.decoded(field.name)
    summary = headers.summarize(found)
    assert "\0" not in summary.subject + summary.email_from + summary.message_id
    start, middle, end = headers.header_span(raw)
    assert 0 <= start <= middle <= end <= len(raw)
    headers.tidied(raw)


def check_addresses(raw):
    """What is called an address is one, and stays the same."""
    text = raw.decode("utf-8", "surrogateescape")
    for address in addresses.parse_list(text):
        assert addresses.normalize(address) == address
        local_part, domain = addresses.split(address)
        assert local_part and domain, address
        addresses.base_of_plus(address)
        written = addresses.format_address('A, "B"', address)
        assert addresses.parse_list(written) == (address,), written
    addresses.readable_list(text)
    addresses.first_mailbox(text)


def check_recipients(raw):
    """Recipients are on own domains, the mailbox itself is none unless there is no
    other, and what the server wrote on top is believed."""
    found = recipients.find_recipients(
        headers.parse_headers(raw), own_domains=OWN, account_addresses=ACCOUNT
    )
    for one in (*found.must_settle, *found.may_match):
        assert addresses.domain(one.address) in OWN
        assert found.only_account == (one.address in ACCOUNT)
    topped = headers.parse_headers(TRACE + raw)
    found = recipients.find_recipients(
        topped, own_domains=OWN, account_addresses=ACCOUNT
    )
    if topped[0].value == "sales@own.test":
        assert "sales@own.test" in {one.address for one in found.must_settle}
    trace = recipients.trusted_trace(topped)
    authentication.read_verdicts(trace, frozenset(), topped)
    spam.read_spam(trace, topped)


def check_mime(raw):
    """Content is bounded, and the message can be walked and written."""
    content = mime.read_content(raw, max_bytes=1000)
    assert len(content.text) <= 1000
    assert len(content.html) <= 1000
    if content.html:
        shown = preview.harmless(content.html)
        assert isinstance(shown, str)
    found = read.read_mail(raw)
    assert all(file.name and len(file.content) >= 0 for file in found.files)
    message = write.write_mail(found)
    for part in message.walk():
        part.get_content_type()
        part.get_filename()
    message.as_string()
    message.as_bytes()


def check_digest(raw):
    """Trace headers and line ends don't count."""
    one = fingerprint.content_fingerprint(raw)
    assert len(one) == fingerprint.CONTENT_LENGTH
    if headers.header_span(raw)[0] == 0 and len(headers.parse_headers(raw)):
        assert fingerprint.content_fingerprint(TRACE + raw) == one
    mbox.split_mbox(raw)


def check_bounces(raw):
    """What has bounced is an address."""
    bounce = bounces.read_bounce(raw)
    for one in bounce.recipients if bounce else ():
        assert addresses.normalize(one.address) == one.address


def check_automatic(raw):
    """Evidence is text, and says something of the mail or nothing."""
    found = headers.parse_headers(raw)
    evidence = automatic.automatic(found)
    assert automatic.kind_of(evidence) in {*automatic.KINDS, automatic.UNKIND}
    automatic.has_reply_subject(found)


def check_simplified(raw):
    """All bytes are attached, and what is made of them is readable for everybody."""
    message = simplified.simplify(raw, "<one@own.test>", "A note.")
    _body, original = message.iter_parts()
    assert original.get_content() == raw
    message.as_bytes()


CHECKS = (
    check_headers,
    check_addresses,
    check_recipients,
    check_mime,
    check_digest,
    check_bounces,
    check_automatic,
    check_simplified,
)


def check(data):
    """Let the first byte choose the check, and the others be the mail."""
    if data:
        CHECKS[data[0] % len(CHECKS)](data[1:])


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
