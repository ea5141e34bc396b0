"""Mail filters that people run on hosts of their own.

Their hosts have the customer's names; a header that each of them adds tells that it has
seen the mail. What it says of the sender stands below the line of the server that it
works for, or at the end.
"""

from .profile import Profile

FORTIMAIL = Profile(
    code="fortimail",
    marks=("X-FE-Policy-ID", "X-FEAS-SPF", "X-FEAS-DKIM", "X-FEAS-Client-IP"),
    results_below=True,
)
# mailcow adds the last one.
RSPAMD = Profile(
    code="rspamd",
    marks=("X-Rspamd-Queue-Id", "X-Spamd-Result", "X-Last-TLS-Session-Version"),
    results_below=True,
)
PLESK = Profile(
    code="plesk",
    marks=("X-PPP-Vhost", "X-PPP-Message-ID"),
    results_below=True,
)
# `X-Acme-MailScanner-SpamCheck`; the number of Postfix has four to six digits more.
MAILSCANNER = Profile(
    code="mailscanner",
    check="-mailscanner-spamcheck",
    number="-mailscanner-id",
)
SOFTWARE = (FORTIMAIL, RSPAMD, PLESK, MAILSCANNER)
