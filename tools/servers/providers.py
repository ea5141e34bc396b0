"""What is known of mail providers: servers, limits, and which senders they accept.

From the providers' own pages and from what their users report. Limits are what an
ordinary account of the provider may send; 0 stands for "not known".
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..mail.addresses import is_below

SSL, STARTTLS, PLAIN = "ssl", "starttls", "none"

#: What Odoo's two apps call their ways to sign in, and where they keep the tokens.
TOKEN_PREFIXES = {"gmail": "google_gmail", "outlook": "microsoft_outlook"}


@dataclass(frozen=True)
class Server:
    """Where to connect.

    `security` is SSL, STARTTLS or PLAIN. A host may hold "{domain}".
    """

    host: str
    port: int
    security: str

    def of(self, domain: str) -> "Server":
        """Return this server for the customers of a domain."""
        return Server(self.host.replace("{domain}", domain), self.port, self.security)


@dataclass(frozen=True)
class Provider:
    """One provider.

    `mail_exchangers`: what the domain's MX hosts end with; `domains`: those of its own,
    under which anybody has an address; `sign_in`: what Odoo calls its way to log in
    without a password; `app_password`: whether it wants one made for Odoo instead of
    the usual one; `password_page`: where it is made.

    `header_from`, `envelope` and `sender_header` are choices of `identity.Policy` that
    the provider accepts. `per_minute`, `per_hour` and `per_day` are mails,
    `connections` how many may be open at once. `regional`: an account exists on the
    servers of its region only, whose names end as the region's MX hosts do; the servers
    named here are those of the first. `spf`: the names whose SPF records list its
    servers; a domain includes the first, and any of them will do.
    """

    code: str
    name: str
    incoming: Server
    outgoing: Server
    mail_exchangers: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    sign_in: str = ""
    app_password: bool = False
    password_page: str = ""
    header_from: str = "author"
    envelope: str = "account"
    sender_header: bool = True
    per_minute: int = 0
    per_hour: int = 0
    per_day: int = 0
    connections: int = 0
    regional: bool = False
    spf: tuple[str, ...] = ()

    def in_region(self, ending: str) -> "Provider":
        """Return this provider with the servers of the region whose MX hosts end so."""
        first = self.mail_exchangers[0]
        if not self.regional or ending == first:
            return self
        servers = (self.incoming, self.outgoing)
        incoming, outgoing = (
            replace(server, host=server.host.removesuffix(first) + ending)
            for server in servers
        )
        return replace(self, incoming=incoming, outgoing=outgoing)


_IMAP = Server("mail.{domain}", 993, SSL)
_SMTP = Server("mail.{domain}", 587, STARTTLS)

PROVIDERS = (
    Provider(
        "gmail",
        "Gmail, Google Workspace",
        Server("imap.gmail.com", 993, SSL),
        Server("smtp.gmail.com", 465, SSL),
        mail_exchangers=("google.com", "googlemail.com"),
        domains=("gmail.com", "googlemail.com"),
        sign_in="gmail",
        app_password=True,
        password_page="https://myaccount.google.com/apppasswords",
        # Another From is silently replaced by the login.
        header_from="verified",
        per_day=2000,
        spf=("_spf.google.com",),
    ),
    Provider(
        "microsoft",
        "Microsoft 365, Outlook",
        Server("outlook.office365.com", 993, SSL),
        Server("smtp.office365.com", 587, STARTTLS),
        mail_exchangers=("mail.protection.outlook.com", "mx.microsoft"),
        domains=("outlook.com", "hotmail.com", "live.com", "msn.com"),
        sign_in="outlook",
        # Needs Send As for each mailbox, else 5.7.60.
        header_from="verified",
        per_minute=30,
        per_day=10_000,
        connections=3,
        spf=("spf.protection.outlook.com",),
    ),
    Provider(
        "zoho",
        "Zoho Mail",
        Server("imappro.zoho.com", 993, SSL),
        Server("smtppro.zoho.com", 465, SSL),
        mail_exchangers=("zoho.com", "zoho.eu", "zoho.in", "zoho.com.au", "zoho.jp"),
        domains=("zoho.com", "zohomail.com"),
        app_password=True,
        password_page="https://accounts.zoho.com/home#security/app_password",
        header_from="verified",
        per_hour=50,
        regional=True,
        spf=(
            "zohomail.com",
            "zoho.com",
            "zohomail.eu",
            "zoho.eu",
            "zohomail.in",
            "zoho.in",
        ),
    ),
    Provider(
        "yandex",
        "Yandex 360",
        Server("imap.yandex.com", 993, SSL),
        Server("smtp.yandex.com", 465, SSL),
        mail_exchangers=("yandex.net", "yandex.ru"),
        domains=("yandex.com", "yandex.ru", "ya.ru"),
        app_password=True,
        password_page="https://id.yandex.com/security/app-passwords",
        header_from="verified",
        spf=("_spf.yandex.net",),
    ),
    Provider(
        "ovh",
        "OVH",
        Server("ssl0.ovh.net", 993, SSL),
        Server("ssl0.ovh.net", 465, SSL),
        mail_exchangers=("mail.ovh.net",),
        header_from="verified",
        per_hour=200,
        spf=("mx.ovh.com",),
    ),
    Provider(
        "cpanel",
        "cPanel, Plesk, DirectAdmin",
        _IMAP,
        Server("mail.{domain}", 465, SSL),
        envelope="bounce",
        per_hour=100,
    ),
    Provider(
        "fastmail",
        "Fastmail",
        Server("imap.fastmail.com", 993, SSL),
        Server("smtp.fastmail.com", 465, SSL),
        mail_exchangers=("messagingengine.com",),
        domains=("fastmail.com", "fastmail.fm"),
        app_password=True,
        password_page="https://app.fastmail.com/settings/security",
        spf=("spf.messagingengine.com",),
    ),
    Provider(
        "ses",
        "Amazon SES",
        _IMAP,
        Server("email-smtp.us-east-1.amazonaws.com", 587, STARTTLS),
        mail_exchangers=("amazonaws.com",),
        # From, Sender and Return-Path must all be of a verified domain.
        envelope="bounce",
    ),
    Provider("postfix", "Postfix and Dovecot", _IMAP, _SMTP, envelope="bounce"),
    Provider("zimbra", "Zimbra, MDaemon, Kerio", _IMAP, _SMTP),
    Provider("other", "Another provider", _IMAP, _SMTP),
)
_BY_CODE = {provider.code: provider for provider in PROVIDERS}


def find(code: str | None) -> Provider | None:
    """Return the provider with this code, or None."""
    return _BY_CODE.get(code or "")


def of_address(domain: str) -> Provider | None:
    """Return the provider under whose own domain an address is, or None."""
    return next((one for one in PROVIDERS if domain.lower() in one.domains), None)


def recognise(mail_exchangers: Iterable[str]) -> Provider | None:
    """Return the provider that a domain's MX host names are of, or None.

    Of a provider with regions, the servers are those of the domain's region.
    """
    hosts = [_normal(host) for host in mail_exchangers]
    for provider in PROVIDERS:
        for ending in provider.mail_exchangers:
            if any(is_below(host, ending) for host in hosts):
                return provider.in_region(ending)
    return None


def of_host(host: str) -> Provider | None:
    """Return the provider that runs the mail server with this host name, or None."""
    name = _normal(host)
    domain = ".".join(name.split(".")[-2:])
    for provider in PROVIDERS:
        hosts = (provider.incoming.host, provider.outgoing.host)
        if domain and any(is_below(one, domain) for one in hosts):
            return provider
        regions = provider.mail_exchangers if provider.regional else ()
        if any(is_below(name, ending) for ending in regions):
            return provider
    return None


def _normal(host: str) -> str:
    return host.strip().rstrip(".").lower()
