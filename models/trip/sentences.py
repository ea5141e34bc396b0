"""What the findings of a round trip say in words, and what to do about them."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# code -> what was found; the details of the finding fill it in
SENTENCES = {
    "arrived": _lt(
        "The catch-all works: an email to a made-up address arrives. It took "
        "%(seconds)s s."
    ),
    "arrived_late": _lt(
        "The catch-all works, but slowly: the email took %(seconds)s s."
    ),
    "arrived_in_junk": _lt(
        "The email was put into the folder “%(folder)s”, for spam. Odoo reads that "
        "folder, so nothing is lost."
    ),
    "other_router": _lt(
        "The mail arrived in the mailbox of another router: %(router)s."
    ),
    "in_junk": _lt(
        "The catch-all works, but your provider treats the email as spam: it is in "
        "the folder “%(folder)s”, which Odoo does not read."
    ),
    "in_folder": _lt(
        "The catch-all works, but the email is in the folder “%(folder)s”, which "
        "Odoo does not read."
    ),
    "recipient_told": _lt(
        "Your provider names the original recipient, even in Bcc (%(header)s)."
    ),
    "recipient_hidden": _lt(
        "Your provider names the original recipient (%(header)s), but below lines of "
        "mail servers that Odoo does not know as yours: %(hosts)s."
    ),
    "recipient_untold": _lt(
        "Your provider does not pass on Bcc recipients: email that names your "
        "address neither in To nor in Cc waits under “To Decide”."
    ),
    "author_kept": _lt("The sender arrives as it was sent: %(seen)s."),
    "author_replaced": _lt(
        "Your provider replaces the sender: the email was sent as %(sent)s and "
        "arrived as %(seen)s."
    ),
    "author_refused": _lt(
        "The mail server does not let the account send as %(author)s, so the email "
        "was sent as the account itself. The server's reply: %(words)s"
    ),
    "message_id_kept": _lt("The Message-ID arrives as it was sent."),
    "message_id_replaced": _lt(
        "Your provider replaces the Message-ID, so replies name an email that Odoo "
        "does not know."
    ),
    "authentication_passed": _lt(
        "The receiving side checked the email, and it passed: %(methods)s."
    ),
    "spf_failed": _lt(
        "SPF: %(result)s. The domain does not list this mail server as allowed to "
        "send for it."
    ),
    "dkim_failed": _lt("DKIM: %(result)s. The signature of the email is not valid."),
    "dmarc_failed": _lt(
        "DMARC: %(result)s. Other providers may refuse your email, or treat it as spam."
    ),
    "authentication_untold": _lt(
        "The receiving side does not say whether SPF, DKIM and DMARC pass. Many "
        "providers do not check the mail of their own customers."
    ),
    "authentication_none": _lt(
        "The receiving side found nothing to check for %(methods)s."
    ),
    "called_spam": _lt("Your provider's filter calls the mail spam."),
    "unsubscribe_unsigned": _lt(
        "The DKIM signature does not cover %(headers)s: mail programs show no button "
        "to unsubscribe from your mailings, and Gmail and Yahoo ask for it."
    ),
    "learnt_header": _lt(
        "Learned: your provider writes the original recipient into %(header)s. Odoo "
        "looks there first."
    ),
    "learnt_hosts": _lt(
        "Learned: the names of your provider's mail servers end in %(hosts)s. Odoo "
        "trusts only what they write into an email."
    ),
    "learnt_authserv": _lt(
        "Learned: your provider signs its verdict on the sender as %(server)s. Odoo "
        "trusts only this verdict."
    ),
    "headers_known": _lt(
        "The headers of your provider are known (%(profile)s): Odoo reads what it "
        "says about senders, recipients and spam."
    ),
    "headers_strange": _lt(
        "The headers of your provider are known (%(profile)s), but this email has "
        "others. Odoo read it like one from an unknown provider."
    ),
    "not_sent": _lt("The email could not be sent. %(words)s"),
    "sender_refused": _lt(
        "The mail server does not let the account send. Its reply: %(words)s"
    ),
    "recipient_refused": _lt(
        "There is no catch-all: the mail server does not accept email for an address "
        "that does not exist. Its reply: %(words)s"
    ),
    "not_now": _lt("The mail server accepts no email for now. Its reply: %(words)s"),
    "not_taken": _lt("The mail server refused the email. Its reply: %(words)s"),
    "bounced_unknown": _lt(
        "There is no catch-all: the email came back, because the address does not "
        "exist. The mail server's reply: %(words)s"
    ),
    "bounced": _lt("The email came back as undeliverable: %(words)s"),
    "missing": _lt(
        "The mail server accepted the email, no bounce came back, and the email did "
        "not arrive within %(minutes)s minutes. So there is no catch-all, or it "
        "points to another mailbox."
    ),
    "mailbox_unread": _lt(
        "The email was sent, but the mailbox cannot be read, so nobody knows whether "
        "it arrived. The server's reply: %(words)s"
    ),
    "pop_junk": _lt(
        "With POP3, Odoo sees only the inbox: it could not look into the Junk folder."
    ),
    "forwarding": _lt(
        "A forwarding waits to be confirmed: %(provider)s asks whether it may forward "
        "email to %(address)s (code: %(code)s). Until then it forwards nothing."
    ),
    "forwarding_unproven": _lt(
        "An email asks to confirm a forwarding to %(address)s (code: %(code)s). It "
        "says that it is from %(provider)s, which is not proven."
    ),
}

# code -> what to do about it
REMEDIES = {
    "headers_strange": _lt(
        "Nothing is lost. The Route Tester shows who wrote each header, and makes an "
        "anonymous file of them, from which the app can learn them."
    ),
    "arrived_late": _lt(
        "Perhaps a filter delayed the email (greylisting), or the mail server is "
        "busy. Test again; if it stays slow, ask your provider."
    ),
    "arrived_in_junk": _lt(
        "In the webmail of the mailbox, mark the email as not spam, so that the "
        "filter learns."
    ),
    "other_router": _lt(
        "Let only one router serve the domain, or point the catch-all to the mailbox "
        "of this router."
    ),
    "in_junk": _lt(
        "Let Odoo read this folder too. Odoo leaves alone what is already in it; it "
        "collects what arrives from now on, and holds spam."
    ),
    "in_folder": _lt(
        "A filter of the mailbox has moved it there. Remove the filter, or let Odoo "
        "read this folder too."
    ),
    "recipient_hidden": _lt(
        "If these are your provider's servers, let Odoo trust what they write. If "
        "email from outside comes in through others, add them under Provider's Mail "
        "Servers."
    ),
    "author_replaced": _lt(
        "Let the provider verify the addresses of your users, or let everybody "
        "appear as “name via company” with the account's address."
    ),
    "author_refused": _lt(
        "Odoo does that by itself for each sender who is refused. To send from their "
        "own addresses, let the account at the provider send as them."
    ),
    "message_id_replaced": _lt(
        "Keep “Replies Go To” on the signed reply address: it brings replies back "
        "all the same."
    ),
    "spf_failed": _lt(
        "Add what your provider's help page says to the SPF record of your domain."
    ),
    "dkim_failed": _lt(
        "Switch DKIM on at the provider that sends your email, and enter its key in "
        "the DNS of your domain."
    ),
    "dmarc_failed": _lt(
        "DMARC passes when SPF or DKIM passes for the domain of the sender's "
        "address: set up both at the provider that sends your email."
    ),
    "unsubscribe_unsigned": _lt(
        "If you send mailings, ask the provider that sends your email to sign these "
        "headers, too."
    ),
    "called_spam": _lt(
        "Your customers' email may land in spam as well. Odoo holds it, so nothing "
        "is lost. In the webmail, mark such email as not spam."
    ),
    "not_sent": _lt("Press Test Outgoing on the router until it works."),
    "sender_refused": _lt(
        "Check the login of the outgoing server and the account's address, or ask your "
        "provider to let the account send."
    ),
    "not_now": _lt("Wait for some minutes, then test again."),
    "not_taken": _lt("Ask your provider what this reply means."),
    "bounced": _lt("Ask your provider what this reply means."),
    "missing": _lt(
        "Look into the mailboxes that your provider's catch-all may point to. If the "
        "email is in none of them, switch the catch-all on:"
    ),
    "recipient_refused": _lt("Switch the catch-all on:"),
    "bounced_unknown": _lt("Switch the catch-all on:"),
    "mailbox_unread": _lt("Press Test Incoming on the router until it works."),
    "pop_junk": _lt(
        "Switch the incoming server to IMAP, or look into Junk by hand now and then."
    ),
    "forwarding": _lt(
        "Has somebody in your company set that up? Then press Confirm the Forwarding: "
        "a page of the provider opens, or the email with the code. When it is done, "
        "discard the email."
    ),
    "forwarding_unproven": _lt(
        "Open it, and follow its link only if somebody in your company has just set up "
        "forwarding."
    ),
}

# What is known of the provider, and how sure that is.
LEARNT = {
    "profile": _lt(
        "The headers of your provider are known (%(profile)s), so Odoo need not "
        "learn its servers."
    ),
    "own_hosts": _lt(
        "The names of your provider's mail servers end in %(name)s: learned %(age)s "
        "ago."
    ),
    "authserv_ids": _lt(
        "Your provider signs its verdict on the sender as %(name)s: learned %(age)s "
        "ago."
    ),
    "recipient_headers": _lt(
        "Your provider writes the original recipient into %(name)s: learned %(age)s "
        "ago."
    ),
    "strange": _lt("The newest emails have had other headers since %(day)s."),
    "agree": _lt("The newest emails agree: compared %(age)s ago."),
}
