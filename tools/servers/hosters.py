"""Hosters whose mail servers a domain's MX record gives away.

What stands here was seen in the hosters' help pages and in the settings that their
customers use; nobody has confirmed it. So it is a hint: the servers are tried first,
and a person is asked before a password goes there (`discovery.is_trusted`). What a
provider itself confirms is a `providers.Provider`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..mail.addresses import is_below
from .providers import SSL, STARTTLS, Server

#: Stands in a server's name for the host that the MX record names: hosters that give
#: each customer a machine receive, keep and send its mail there.
MX = "{mx}"


@dataclass(frozen=True)
class Hoster:
    """One hoster.

    `mail_exchangers`: what the MX hosts of its customers end with; `incoming` and
    `outgoing`: what to try, the likeliest first; `page`: where its help begins, an
    address of the web; `catch_all`: its page on the catch-all, "" where none is known;
    `app_password`: whether it wants one made for Odoo instead of the usual one.
    """

    code: str
    name: str
    mail_exchangers: tuple[str, ...]
    page: str
    incoming: tuple[Server, ...] = ()
    outgoing: tuple[Server, ...] = ()
    catch_all: str = ""
    app_password: bool = False

    def at(self, exchanger: str) -> "Hoster":
        """Return this hoster with the servers of the customer whose MX this is."""
        incoming, outgoing = (
            tuple(replace(one, host=one.host.replace(MX, exchanger)) for one in servers)
            for servers in (self.incoming, self.outgoing)
        )
        return replace(self, incoming=incoming, outgoing=outgoing)

    def owns(self, host: str) -> bool:
        """Tell whether a host's name, lower case, is one of this hoster's."""
        return any(is_below(host, ending) for ending in self.mail_exchangers)


_AT_MX = (
    (Server(MX, 993, SSL),),
    (Server(MX, 465, SSL), Server(MX, 587, STARTTLS)),
)

HOSTERS = (
    Hoster(
        "matbao",
        "Mắt Bão",
        ("emailserver.vn", "matbao.net"),
        "https://wiki.matbao.net/",
        *_AT_MX,
        catch_all="https://wiki.matbao.net/kb/"
        "huong-dan-tinh-nang-bcc-va-catch-all-email-pro-v4/",
    ),
    Hoster(
        "pavietnam",
        "P.A Việt Nam",
        ("maychuemail.com", "pavietnam.vn"),
        "https://kb.pavietnam.vn/",
        *_AT_MX,
    ),
    Hoster(
        "azdigi",
        "AZDIGI",
        ("azdigimail.com", "azdigi.com"),
        "https://azdigi.com/",
        *_AT_MX,
    ),
    Hoster(
        "bizfly",
        "Bizfly Cloud",
        ("bizflycloud.vn", "bizfly.vn"),
        "https://docs.bizflycloud.vn/business_email/",
        catch_all="https://docs.bizflycloud.vn/business_email/howtos/catch_all/",
    ),
    # Its customers' machines are not those that the MX record names.
    Hoster("inet", "iNET", ("onemail.vn", "inet.vn"), "https://helpdesk.inet.vn/"),
    Hoster(
        "nhanhoa",
        "Nhân Hòa",
        ("nhanhoa.com", "nhanhoa.vn"),
        "https://wiki.nhanhoa.com/",
    ),
    Hoster(
        "vnpt",
        "VNPT",
        ("vnptemail.vn",),
        "https://vnpt.com.vn/",
        (Server("imap.vnptemail.vn", 993, SSL),),
        (
            Server("smtp.vnptemail.vn", 465, SSL),
            Server("smtp.vnptemail.vn", 587, STARTTLS),
        ),
    ),
    Hoster(
        "viettel",
        "Viettel",
        ("viettel.com.vn", "viettelidc.com.vn"),
        "https://viettelidc.com.vn/",
    ),
    Hoster(
        "lark",
        "Lark",
        ("larksuite.com",),
        "https://www.larksuite.com/hc/en-US/",
        (Server("imap.larksuite.com", 993, SSL),),
        (Server("smtp.larksuite.com", 465, SSL),),
        app_password=True,
    ),
    Hoster(
        "allinkl",
        "All-Inkl",
        ("kasserver.com",),
        "https://all-inkl.com/",
        *_AT_MX,
    ),
    Hoster(
        "uberspace",
        "Uberspace",
        ("uberspace.de",),
        "https://manual.uberspace.de/",
        *_AT_MX,
    ),
)
_BY_CODE = {hoster.code: hoster for hoster in HOSTERS}


def find(code: str | None) -> Hoster | None:
    """Return the hoster with this code, or None."""
    return _BY_CODE.get(code or "")


def recognise(mail_exchangers: Iterable[str]) -> Hoster | None:
    """Return the hoster that a domain's MX host names are of, with the servers of this
    customer, or None.

    :param mail_exchangers: host names, the preferred one first
    """
    hosts = [host.strip().rstrip(".").lower() for host in mail_exchangers]
    for host in hosts:
        for hoster in HOSTERS:
            if hoster.owns(host):
                return hoster.at(host)
    return None
