"""How a catch-all is switched on, and the original recipient told, at each provider.

The keys are codes of ``tools.providers``, those of hosters codes of ``tools.hosters``.
``%(account)s`` is the mailbox that Odoo reads, ``%(domain)s`` the domain.
"""

from markupsafe import Markup

from odoo.tools.translate import LazyTranslate

from ...tools.servers import hosters
from ..words import translated

_lt = LazyTranslate(__name__)

OTHER, PANELS = "other", "cpanel"
HEADING = Markup('<p class="fw-bold mb-1">%s</p>')
STEPS = Markup("<ol>%s</ol>")
STEP = Markup("<li>%s</li>")
HELP = Markup("<p>%s %s</p>")
LINK = Markup('<a href="%(page)s" target="_blank" rel="noopener">%(page)s</a>')

#: code -> ((whose steps these are, or None; the steps), ...)
CATCH_ALL_STEPS = {
    "gmail": (
        (
            None,
            (
                _lt(
                    "Sign in to admin.google.com as an administrator. A private "
                    "@gmail.com account cannot have a catch-all."
                ),
                _lt("Open Apps > Google Workspace > Gmail > Default routing."),
                _lt(
                    "Add a rule. Envelope recipients to match: All recipients. Choose "
                    "that it is for unrecognized addresses only."
                ),
                _lt(
                    "Tick Change envelope recipient, and replace the recipient by "
                    "%(account)s."
                ),
                _lt(
                    "In the same rule, tick Add X-Gm-Original-To header, and save. It "
                    "may take some minutes until the rule works."
                ),
                _lt(
                    "If the test still fails, look into Sent and All Mail of "
                    "%(account)s: Gmail may hide an email from the account that sent "
                    "it. Then write to a made-up address of %(domain)s from another "
                    "account."
                ),
            ),
        ),
    ),
    "microsoft": (
        (
            None,
            (
                _lt("Open the Exchange admin center (admin.exchange.microsoft.com)."),
                _lt(
                    "Mail flow > Accepted domains > %(domain)s: choose Internal "
                    "relay. As long as it is Authoritative, email to unknown "
                    "addresses is refused before any rule applies."
                ),
                _lt(
                    "Recipients > Groups: make a dynamic distribution list of all "
                    "recipient types."
                ),
                _lt(
                    "Mail flow > Rules: add a rule that redirects the message to "
                    "%(account)s, if the recipient's domain is %(domain)s, except if "
                    "the recipient is a member of that list."
                ),
                _lt(
                    "If the rule is only for senders outside the organization, this "
                    "test fails although email from outside arrives: Odoo's own "
                    "email comes from inside."
                ),
                _lt(
                    "Microsoft 365 does not pass on the original recipient: email in "
                    "which you are only in Bcc waits under “To Decide”."
                ),
            ),
        ),
    ),
    "zoho": (
        (
            None,
            (
                _lt("Sign in to the Zoho Mail Admin Console as an administrator."),
                _lt("Open Domains > %(domain)s > Settings."),
                _lt("At Catch-all Address choose %(account)s, and confirm."),
                _lt("Do the same for each further domain."),
            ),
        ),
    ),
    "yandex": (
        (
            None,
            (
                _lt("Sign in to admin.yandex.ru as the administrator."),
                _lt("Open Mail > Settings."),
                _lt("At Mailbox for lost emails enter %(account)s, and save."),
            ),
        ),
    ),
    "ovh": (
        (
            None,
            (
                _lt("Sign in to the OVHcloud Control Panel."),
                _lt(
                    "Open Web Cloud > Emails > %(domain)s, and look for catch-all or "
                    "for a redirection of all unknown addresses. Point it to "
                    "%(account)s."
                ),
                _lt(
                    "Some offers have none. Then ask the support of OVHcloud, or "
                    "move a subdomain to a provider that has one."
                ),
            ),
        ),
    ),
    "cpanel": (
        (
            "cPanel",
            (
                _lt("Open Email > Default Address, and choose %(domain)s."),
                _lt("Choose Forward to Email Address, and enter %(account)s."),
            ),
        ),
        (
            "Plesk",
            (
                _lt("Open Mail > Mail Settings of %(domain)s."),
                _lt(
                    "At “What to do with mail for non-existent users” choose Forward "
                    "to address, and enter %(account)s."
                ),
            ),
        ),
        (
            "DirectAdmin",
            (
                _lt("Open Advanced Features > Catch-All E-Mail."),
                _lt("Choose the mailbox's own email address, and enter %(account)s."),
            ),
        ),
        (
            None,
            (
                _lt(
                    "If there is no such page, your hosting provider has switched it "
                    "off: ask them."
                ),
            ),
        ),
    ),
    "fastmail": (
        (
            None,
            (
                _lt("Open Settings, and the addresses of your domain."),
                _lt(
                    "Add the address *@%(domain)s (an alias with a wildcard), and let "
                    "it deliver to %(account)s."
                ),
            ),
        ),
    ),
    "ses": (
        (
            None,
            (
                _lt(
                    "Amazon SES only sends: it has no mailbox. Set up the catch-all "
                    "at the provider whose mailbox Odoo reads, and to which the MX "
                    "record of %(domain)s points."
                ),
                _lt(
                    "Look for “catch-all” in that provider's help, and point it to "
                    "%(account)s."
                ),
                _lt(
                    "If the email was refused because an address is not verified: "
                    "verify the whole domain in SES, in the same region."
                ),
            ),
        ),
    ),
    "postfix": (
        (
            _lt("Postfix, for a domain in virtual_mailbox_domains"),
            (
                _lt(
                    "Put the line “@%(domain)s %(account)s” into the file of "
                    "virtual_alias_maps."
                ),
                _lt(
                    "Each address that has a mailbox needs a line that points to "
                    "itself, or the catch-all takes its email."
                ),
                _lt("Run postmap on the file, then “postfix reload”."),
            ),
        ),
        (
            _lt("Postfix, for a domain in mydestination"),
            (
                _lt(
                    "Set “luser_relay = %(account)s” and “local_recipient_maps =” "
                    "(empty) in main.cf, then “postfix reload”."
                ),
            ),
        ),
        (
            _lt("mailcow, Mailu, iRedMail, docker-mailserver"),
            (
                _lt(
                    "Add the alias @%(domain)s (a catch-all) that points to "
                    "%(account)s."
                ),
            ),
        ),
    ),
    "zimbra": (
        (
            "Zimbra",
            (
                _lt(
                    "Run “zmprov ma %(account)s zimbraMailCatchAllAddress "
                    "@%(domain)s” as the user zimbra."
                ),
            ),
        ),
        (
            "MDaemon, Kerio Connect",
            (
                _lt("Make an alias *@%(domain)s that points to %(account)s."),
                _lt("Put it last: other aliases come before it."),
            ),
        ),
    ),
    OTHER: (
        (
            None,
            (
                _lt("Sign in to the provider that has the mailboxes of %(domain)s."),
                _lt(
                    "Look for one of these words: catch-all, default address, "
                    "wildcard, unrouted mail, mail for non-existent users."
                ),
                _lt("Point it to %(account)s."),
                _lt("If there is nothing like it, ask your mail provider."),
            ),
        ),
    ),
}

#: code of a hoster -> what its help page says, as far as it has one
HOSTER_STEPS = {
    "matbao": (
        _lt(
            "In the administration of Email Pro open Catch-all, enter %(account)s, and "
            "press “Save changes”."
        ),
    ),
    "bizfly": (
        _lt(
            "Open the domain, then Cài đặt > Catch-all Email. Choose Bật, enter "
            "%(account)s, and press Lưu."
        ),
    ),
}
FOUND = _lt(
    "The email of %(domain)s is at %(hoster)s, as its MX record says. Its help is here:"
)

#: code -> what makes the provider tell the original recipient
RECIPIENT_HINTS = {
    "gmail": _lt(
        "In the rule under Apps > Google Workspace > Gmail > Default routing, tick "
        "“Add X-Gm-Original-To header”."
    ),
    "microsoft": _lt(
        "Microsoft 365 has no setting for this. Addresses that must not miss a Bcc "
        "need another provider, or a subdomain at another provider."
    ),
    "postfix": _lt(
        "Let Postfix deliver the catch-all mailbox with virtual or pipe, which write "
        "X-Original-To. If Postfix hands over to Dovecot by LMTP, set "
        "“lmtp_hdr_delivery_address = original” in Dovecot."
    ),
    OTHER: _lt(
        "Ask your mail provider whether it can write the original recipient into the "
        "email: a header like X-Original-To, Envelope-To or Delivered-To."
    ),
}


def catch_all_steps(env, provider, values):
    """Return how a catch-all is switched on, as Markup in the reader's language.

    :param provider: code of ``tools.providers`` or of ``tools.hosters``; of an unknown
        one, what all have and what the usual control panels call it
    :param dict values: ``account`` and ``domain``
    """
    if known := CATCH_ALL_STEPS.get(provider):
        return _parts(env, known, values)
    panels = [part for part in CATCH_ALL_STEPS[PANELS] if part[0]]
    usual = (*CATCH_ALL_STEPS[OTHER], *panels)
    if not (hoster := hosters.find(provider)):
        return _parts(env, usual, values)
    steps = HOSTER_STEPS.get(hoster.code)
    own = [(None, steps)] if steps else usual
    return _whose_help(env, hoster, values) + _parts(env, own, values)


def _parts(env, parts, values):
    shown = []
    for title, steps in parts:
        if title:
            shown.append(HEADING % (translated(env, title) % values))
        items = [STEP % (translated(env, step) % values) for step in steps]
        shown.append(STEPS % Markup("").join(items))
    return Markup("").join(shown)


def _whose_help(env, hoster, values):
    """Return where a hoster's help is, as Markup."""
    found = translated(env, FOUND) % dict(values, hoster=hoster.name)
    page = LINK % {"page": hoster.catch_all or hoster.page}
    return HELP % (found, page)
