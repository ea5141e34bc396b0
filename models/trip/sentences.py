"""What the findings of a round trip say in words, and what to do about them."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# code -> what was found; the details of the finding fill it in
SENTENCES = {
    "arrived": _lt(
        "The catch-all works: a mail to an address that nobody has arrives. It took "
        "%(seconds)s seconds."
    ),
    "arrived_late": _lt(
        "The catch-all works, but slowly: the mail took %(seconds)s seconds."
    ),
    "arrived_in_junk": _lt(
        "The mail was put into the folder “%(folder)s”, for spam. Odoo reads that "
        "folder, so nothing is lost."
    ),
    "other_router": _lt(
        "The mail arrived in the mailbox of another router: %(router)s."
    ),
    "in_junk": _lt(
        "The catch-all works, but your provider takes the mail for spam: it lies in "
        "the folder “%(folder)s”, which Odoo does not read."
    ),
    "in_folder": _lt(
        "The catch-all works, but the mail lies in the folder “%(folder)s”, which Odoo "
        "does not read."
    ),
    "recipient_told": _lt(
        "Your provider tells for whom a mail was, also in Bcc (%(header)s)."
    ),
    "recipient_hidden": _lt(
        "Your provider tells for whom a mail was (%(header)s), but below lines of mail "
        "servers that Odoo does not know as yours: %(hosts)s."
    ),
    "recipient_untold": _lt(
        "Your provider does not tell Bcc recipients: mail that names your address "
        "neither in To nor in Cc waits in the quarantine."
    ),
    "author_kept": _lt("The sender arrives as it was sent: %(seen)s."),
    "author_replaced": _lt(
        "Your provider replaces the sender: the mail was sent as %(sent)s and arrived "
        "as %(seen)s."
    ),
    "author_refused": _lt(
        "The mail server does not let the account send as %(author)s; the mail was "
        "sent as the account itself. It said: %(words)s"
    ),
    "message_id_kept": _lt("The Message-ID arrives as it was sent."),
    "message_id_replaced": _lt(
        "Your provider replaces the Message-ID, so that answers name a mail that Odoo "
        "does not know."
    ),
    "authentication_passed": _lt(
        "The receiving side has checked the mail, and it passed: %(methods)s."
    ),
    "spf_failed": _lt(
        "SPF: %(result)s. The domain does not list this mail server among those that "
        "may send for it."
    ),
    "dkim_failed": _lt("DKIM: %(result)s. The signature of the mail is not valid."),
    "dmarc_failed": _lt(
        "DMARC: %(result)s. Other providers may refuse your mail, or take it for spam."
    ),
    "authentication_untold": _lt(
        "The receiving side does not say whether SPF, DKIM and DMARC pass. Many "
        "providers do not check the mail of their own customers."
    ),
    "authentication_none": _lt(
        "The receiving side has found nothing to check for %(methods)s."
    ),
    "called_spam": _lt("Your provider's filter calls the mail spam."),
    "learnt_header": _lt(
        "Learnt: your provider writes the original recipient into %(header)s. Odoo "
        "looks there first."
    ),
    "learnt_hosts": _lt(
        "Learnt: your provider's mail servers are called %(hosts)s. Odoo believes what "
        "they write into a mail, and nobody else."
    ),
    "learnt_authserv": _lt(
        "Learnt: your provider's word on who wrote a mail is signed %(server)s. Odoo "
        "believes it, and nobody else's."
    ),
    "not_sent": _lt("The mail could not be sent. %(words)s"),
    "sender_refused": _lt(
        "The mail server does not let the account send. It said: %(words)s"
    ),
    "recipient_refused": _lt(
        "There is no catch-all: the mail server does not take mail for an address "
        "that nobody has. It said: %(words)s"
    ),
    "not_now": _lt("The mail server takes no mail for now. It said: %(words)s"),
    "not_taken": _lt("The mail server has refused the mail. It said: %(words)s"),
    "bounced_unknown": _lt(
        "There is no catch-all: the mail came back, because nobody has the address. "
        "The mail server said: %(words)s"
    ),
    "bounced": _lt("The mail came back as undeliverable: %(words)s"),
    "missing": _lt(
        "The mail server has taken the mail, no notice of non-delivery came back, and "
        "the mail has not arrived within %(minutes)s minutes. So there is no "
        "catch-all, or it leads to another mailbox."
    ),
    "mailbox_unread": _lt(
        "The mail was sent, but the mailbox cannot be read, so that nobody knows "
        "whether it arrived. The answer was: %(words)s"
    ),
    "pop_junk": _lt(
        "With POP3, Odoo sees the inbox alone: it could not look into the Junk folder."
    ),
}

# code -> what to do about it
REMEDIES = {
    "arrived_late": _lt(
        "A mail that takes so long was perhaps held up by a filter (greylisting), or "
        "the mail server is busy. Test again; if it stays slow, ask your provider."
    ),
    "arrived_in_junk": _lt(
        "In the webmail of the mailbox, mark the mail as no spam, so that the filter "
        "learns it."
    ),
    "other_router": _lt(
        "Let one router alone serve the domain, or lead the catch-all to the mailbox "
        "of this router."
    ),
    "in_junk": _lt(
        "Let Odoo read this folder too. What is in it already is left alone; what "
        "comes from now on is collected, and spam is held."
    ),
    "in_folder": _lt(
        "A filter of the mailbox has put it there. Take the filter away, or let Odoo "
        "read this folder too."
    ),
    "recipient_hidden": _lt(
        "If these are your provider's servers, let Odoo believe what they write. If "
        "mail from outside comes in by others, add them under Own Mail Hosts."
    ),
    "author_replaced": _lt(
        "Let the provider verify the addresses of your users, or let everybody be "
        "seen as “name via company” with the account's address."
    ),
    "author_refused": _lt(
        "Odoo does that by itself for each sender who is refused. To send under the "
        "own addresses, allow the account at the provider to send as them."
    ),
    "message_id_replaced": _lt(
        "Keep “Replies Go To” on the signed reply address: it brings the answers back "
        "all the same."
    ),
    "spf_failed": _lt(
        "Add what your provider's help page says to the SPF record of your domain."
    ),
    "dkim_failed": _lt(
        "Switch DKIM on at the provider you send through, and enter its key in the DNS "
        "of your domain."
    ),
    "dmarc_failed": _lt(
        "DMARC passes once SPF or DKIM passes for the domain of the sender's address: "
        "set up both at the provider you send through."
    ),
    "called_spam": _lt(
        "Mail of your customers may be taken for spam as well. Odoo holds it, nothing "
        "is lost. In the webmail, mark such mail as no spam."
    ),
    "not_sent": _lt("Press Test Outgoing on the router until it works."),
    "sender_refused": _lt(
        "Check the login of the outgoing server and the account's address, or ask your "
        "provider to let the account send."
    ),
    "not_now": _lt("Wait for some minutes, and test again."),
    "not_taken": _lt("Ask your provider what these words mean."),
    "bounced": _lt("Ask your provider what these words mean."),
    "missing": _lt(
        "Look into the mailboxes that your provider's catch-all may lead to. If the "
        "mail is in none of them, switch the catch-all on:"
    ),
    "recipient_refused": _lt("Switch the catch-all on:"),
    "bounced_unknown": _lt("Switch the catch-all on:"),
    "mailbox_unread": _lt("Press Test Incoming on the router until it works."),
    "pop_junk": _lt(
        "Switch the incoming server to IMAP, or look into Junk by hand now and then."
    ),
}
