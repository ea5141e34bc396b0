"""Two companies with a domain each share one account and one router."""

import pytest

from sandbox.client import address_of
from sandbox.mailserver import CATCHALL

# Writes to the second company only: core shares a contact of one company with no
# other, and refuses to make one for somebody whose leads are in both.
CUSTOMER = "Lan <lan@doitac.test>"
CUSTOMER_ADDRESS = address_of(CUSTOMER)
FIRST = "sales@tenmien.test"
SECOND = "sales@congty2.test"
LEAD = ("delivered", "alias", "crm.lead")
# Nobody's contact yet: core refuses a lead of one company to a contact of another.
NEWCOMER = "Người Mới <nguoimoi@khachhang.test>"


def companies(system, model, domain):
    """Return the company ids of records, whatever companies are selected."""
    context = {"allowed_company_ids": all_companies(system)}
    found = system.rpc(
        model, "search_read", domain, ["company_id"], order="id", context=context
    )
    return [row["company_id"][0] for row in found]


def all_companies(system):
    """Return the ids of all companies."""
    return [row["id"] for row in system.search("res.company", [])]


def make_lead(system, subject):
    """Return the id of the lead that a mail to the second company makes."""
    message = system.send(SECOND, sender=CUSTOMER, subject=subject, body="Xin báo giá.")
    system.process()
    assert system.deliveries(message) == {SECOND: LEAD}
    context = {"allowed_company_ids": all_companies(system)}
    domain = [["name", "=", subject]]
    (lead,) = system.rpc("crm.lead", "search", domain, context=context)
    return lead


def test_each_domain_leads_into_its_company(system, company):
    """The same name before the @, and one mail to both."""
    message = system.send(FIRST, SECOND, subject="To both", body="x", sender=NEWCOMER)
    system.process()
    first = min(all_companies(system))
    expected = [first, company]
    assert system.deliveries(message) == {FIRST: LEAD, SECOND: LEAD}
    assert sorted(companies(system, "crm.lead", [["name", "=", "To both"]])) == expected
    domain = [["message_id", "=", message["Message-ID"]]]
    assert sorted(companies(system, "mail.catchall.message", domain)) == expected


def test_people_read_the_journal_of_their_company_only(system, company):
    """A mail to the other company is none of their business."""
    system.send(FIRST, subject="Journal 1", body="x")
    system.send(SECOND, subject="Journal 2", body="x")
    system.process()
    user_2 = system.login("user_2")
    domain = [["subject", "like", "Journal"]]
    found = user_2("mail.catchall.message", "search_read", domain, ["subject"])
    assert [row["subject"] for row in found] == ["Journal 2"]


@pytest.mark.usefixtures("company")
def test_a_user_of_the_second_company_sends_under_its_domain(system):
    """Through the first company's account; the answer comes back."""
    lead = make_lead(system, "Second company")
    user_2 = system.login("user_2")
    system.write(user_2, "crm.lead", lead, "Chào anh", to=[CUSTOMER_ADDRESS])
    letter = system.wait_for_mail(CUSTOMER_ADDRESS, "Second company")
    (mailbox,) = letter["From"].addresses
    assert (mailbox.display_name, mailbox.addr_spec) == (
        "Lê Hai",
        "le.hai@congty2.test",
    )
    assert address_of(letter["Reply-To"]).endswith("@congty2.test")
    assert {one.login for one in system.submission_log()} == {CATCHALL}
    answer = system.answer(letter, sender=CUSTOMER, body="Cảm ơn")
    system.process()
    ((state, _matched_by, model),) = system.deliveries(answer).values()
    assert (state, model) == ("delivered", "crm.lead")
    note = user_2(
        "mail.message", "search_read", [["res_id", "=", lead]], ["body"], limit=1
    )
    assert "Cảm ơn" in note[0]["body"]


@pytest.mark.usefixtures("company")
def test_an_outside_author_is_named_by_the_second_company(system):
    """Not by the company that owns the account."""
    lead = make_lead(system, "Via the second")
    user_out = system.login("user_out2")
    system.write(user_out, "crm.lead", lead, "Hello", to=[CUSTOMER_ADDRESS])
    letter = system.wait_for_mail(CUSTOMER_ADDRESS, "Via the second")
    (mailbox,) = letter["From"].addresses
    assert (mailbox.display_name, mailbox.addr_spec) == ("Bình via Công ty 2", CATCHALL)
