"""Each identity survives the checks of the customer's server: DKIM, SPF and DMARC.

The provider signs with the domain's key. DMARC (RFC 7489 3.1) asks that the domain in
From is the one that signed, or the one of the envelope sender.
"""

import pytest
from dkim_signer import DOMAIN, signing
from test_sending import letter_about, make_user, outgoing_server, setting

from sandbox.client import CUSTOMER, address_of

CUSTOMER_ADDRESS = address_of(CUSTOMER)


@pytest.fixture(scope="module")
def signer(running_system, tmp_path_factory):
    """The provider's DKIM signer."""
    with signing(running_system, tmp_path_factory.mktemp("dkim")) as signer:
        yield signer


def letter(system, signer, client, **identity):
    """Send a chatter message under this identity; return the mail that arrives, after
    its signature was checked."""
    system.send("sales@tenmien.test", subject="Alignment")
    system.process()
    lead = system.search("crm.lead", [["name", "=", "Alignment"]])[-1]
    server = outgoing_server(system)
    with setting(system, "ir.mail_server", server, **identity):
        system.write(client, "crm.lead", lead["id"], "Xin chào, đây là báo giá.")
        arrived = letter_about(system, "Alignment")
    assert signer.is_signed(system.client.raw_mails(CUSTOMER_ADDRESS, "INBOX")[-1])
    return arrived


def domain(value):
    """Return the domain of an address header."""
    return address_of(value).rpartition("@")[2]


def assert_aligned(arrived):
    """Both ways of DMARC hold, so that one may fail on the way."""
    assert domain(arrived["From"]) == DOMAIN
    assert f"d={DOMAIN}" in str(arrived["DKIM-Signature"])
    assert domain(arrived["Return-Path"]) == DOMAIN


@pytest.mark.parametrize("header_from", ["author", "via", "account"])
@pytest.mark.parametrize("envelope", ["account", "bounce", "author"])
def test_a_user_s_mail_is_aligned(system, signer, header_from, envelope):
    """Whoever is seen, and wherever bounces go."""
    client = system.login("user_a")
    identity = {"catchall_header_from": header_from, "catchall_envelope": envelope}
    assert_aligned(letter(system, signer, client, **identity))


def test_an_outside_author_s_mail_is_aligned(system, signer):
    """Under his own domain it would be forged mail to everybody."""
    client = make_user(system, "user_far", "Bình", "binh@elsewhere.test")
    arrived = letter(system, signer, client, catchall_envelope="author")
    assert_aligned(arrived)
    assert "Bình" in str(arrived["From"])
