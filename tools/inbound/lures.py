"""What a mail that is after money, passwords or machines says, and in whose name.

Texts are compared in small letters and without marks: people and criminals write
Vietnamese with and without them. No single word condemns a mail, as customers write of
invoices and accounts, too; each lure is a phrase of what such mail asks for.
"""

import re

from ..mail.registrable import registrable
from .languages import without_marks

MAX_READ = 8_000  # characters of a text that are searched


def _phrases(*parts: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(parts)})\b")


# An act, something secret or locked, in either order and near to each other.
_ACT = (
    r"(?:verif\w+|confirm\w*|validat\w+|updat\w+|reactivat\w+|restor\w+|unlock\w*|"
    r"upgrad\w+|renew\w*|re-?authenticat\w+|secur(?:e|ing)|review|keep|"
    r"sign(?:ing)? ?(?:in|on)|log(?:ging)? ?(?:in|on)|"
    r"click|xac (?:minh|nhan|thuc)|cap nhat|dang nhap|kich hoat|mo khoa|khoi phuc|"
    r"gia han|bam vao|nhan vao|truy cap)"
)
_SECRET = (
    r"(?:accounts?|(?:your|online) access|passwords?|passcodes?|credentials?|mailbox|"
    r"e-?mail (?:account|quota)|identity|webmail|"
    r"billing (?:details|information)|payment (?:details|method)|"
    r"card (?:details|number)|otp|pin code|wallet|storage|quota|membership|"
    r"bank (?:details|information)|(?:online|internet) banking|"
    r"tai khoan|mat khau|hop thu|the (?:tin dung|ngan hang)|ma otp|danh tinh|"
    r"vi dien tu|thong tin (?:ca nhan|thanh toan|the)|dung luong)"
)
_THREAT = (
    r"(?:suspend\w*|deactivat\w+|disabl\w+|restrict\w+|limited|lock(?:ed)?|expir\w+|"
    r"terminat\w+|clos(?:ed|ure)|blocked|delet(?:ed|ion)|unauthori[sz]ed|"
    r"unusual (?:activity|sign-?in|log-?in|attempt)|suspicious (?:activity|sign-?in|"
    r"log-?in)|exceeded|(?:storage|quota) (?:limit|full)|almost full|undelivered|"
    r"pending (?:messages|mails|e-?mails)|on hold|irregular|fraudulent|"
    r"(?:too many )?failed log-?in|did not (?:request|authori[sz]e|make this)|"
    r"(?:bi|tam|se bi) (?:khoa|dinh chi|ngung|vo hieu)|het han|khoa tai khoan|"
    r"bat thuong|trai phep|day dung luong|vuot qua)"
)
ASKS_SECRET = re.compile(
    rf"\b{_ACT}\b.{{0,60}}?\b{_SECRET}\b|\b{_SECRET}\b.{{0,60}}?\b{_ACT}\b"
)
THREATENS = re.compile(
    rf"\b{_SECRET}\b.{{0,80}}?\b{_THREAT}\b|\b{_THREAT}\b.{{0,80}}?\b{_SECRET}\b"
    r"|\b(?:\d+ incoming|undelivered|quarantined) (?:messages?|e-?mails?|mails?)\b"
)
URGES = _phrases(
    r"within \d{1,2} ?(?:hours?|hrs?|days?)", "immediately", "urgent(?:ly)?",
    r"act now", "as soon as possible", "final (?:notice|warning|reminder)",
    r"last (?:notice|warning|reminder)", r"failure to", r"before it is too late",
    r"(?:trong|sau) (?:vong )?\d{1,2} ?(?:gio|h|ngay)", "khan(?: cap)?", "ngay lap tuc",
    "lap tuc", "canh bao", "lan cuoi",
)  # fmt: skip
PAYMENT = _phrases(
    "payments?", "invoices?", "wire(?: transfer)?", "bank (?:account|details|transfer)",
    "transfer", "remittance", "iban", "swift", "gift ?cards?", "payroll",
    "direct deposit", "funds?", "beneficiary", "purchase order",
    "thanh toan", "hoa don", "chuyen (?:khoan|tien)", "so tai khoan",
    "tai khoan ngan hang", "the (?:cao|qua tang)", "cong no", "dat coc", "luong",
    "tien hang",
)  # fmt: skip
CHANGES_ACCOUNT = re.compile(
    r"\b(?:new|chang\w+|updat\w+|different)\b.{0,40}\b(?:bank(?:ing)?|account|iban)\b"
    r".{0,10}\b(?:details?|account|information|number|iban)\b"
    r"|\b(?:bank(?:ing)?|account) (?:details|information|number)\b.{0,30}"
    r"\b(?:chang\w+|updat\w+|new)\b"
    r"|\b(?:doi|thay doi|cap nhat|moi)\b.{0,30}\b(?:so )?tai khoan(?: ngan hang)?\b"
)
FAVOUR = re.compile(
    r"\bare you (?:available|free|at (?:your desk|the office)|in the office)\b"
    r"|\bgift ?cards?\b|\bkeep (?:this|it) (?:confidential|between us)\b"
    r"|\b(?:quick|small) (?:task|favou?r)\b|\bi(?:'m| am) in a meeting\b"
    r"|\bneed you to (?:handle|process|make|purchase|buy)\b"
    r"|\b(?:dang|toi) (?:ban )?hop\b.{0,60}\b(?:chuyen|mua|giup)\b|\bthe cao\b"
    r"|\b(?:chuyen (?:khoan|tien)|mua the)\b.{0,40}\b(?:gap|ngay|giup)\b"
    r"|\bgiup (?:anh|chi|toi|minh)\b.{0,40}\b(?:chuyen|mua|viec gap)\b"
)
FORTUNE = re.compile(
    r"\b(?:next of kin|inheritance|beneficiary of|lottery|sweepstakes?|unclaimed|"
    r"million (?:united states |us )?(?:dollars|euros?|pounds)|(?:us|eur|gbp) ?"
    r"\d[\d.,]* ?million|deceased|(?:atm|bank) draft|consignment box|compensation fund|"
    r"transfer of (?:the )?(?:sum|fund)|foreign partner|business proposal|you have won|"
    r"claim your (?:prize|reward|gift)|donation of|"
    r"trung thuong|trung giai|nhan (?:thuong|qua)|qua tang tri an|thua ke|tien thuong|"
    r"viec nhe luong cao|lai suat (?:thap|uu dai)|vay (?:tien )?nhanh)\b"
)
BLACKMAIL = re.compile(
    r"\b(?:bitcoin|btc|usdt|wallet)\b.{0,400}\b(?:video|webcam|camera|recorded|hacked|"
    r"password|malware|trojan)\b"
    r"|\b(?:video|webcam|camera|recorded|hacked|malware|trojan|quay (?:lai|video)|hinh "
    r"anh nhay cam)\b.{0,800}\b(?:bitcoin|btc|usdt|wallet)\b",
    re.DOTALL,
)
PARCEL = re.compile(
    r"\b(?:parcel|package|shipment|delivery|customs)\b.{0,100}\b(?:fee|pay|"
    r"unpaid|failed|could not be|unable|on hold|held|reschedul\w+|confirm|address)\b"
    r"|\b(?:buu (?:kien|pham)|don hang|kien hang)\b.{0,100}\b(?:phi|that bai|khong the|"
    r"xac nhan|dia chi|thanh toan|hai quan)\b"
)
DOCUMENT = re.compile(
    r"\b(?:shared|sent|send(?:s|ing)?|received?|new|view|open|access|sign|review|"
    r"download|pending|secured?|encrypted|waiting)\b.{0,60}\b(?:documents?|files?|"
    r"faxe?s?|voice ?(?:mail|message)s?|pdf|e-?sign\w*|secure message|invoice|onedrive|"
    r"sharepoint|dropbox)\b"
    r"|\b(?:tai lieu|van ban|tep|hoa don|thu thoai)\b.{0,60}\b(?:chia se|xem|mo|tai "
    r"(?:ve|xuong)|ky)\b|\b(?:xem|mo|tai (?:ve|xuong))\b.{0,60}\b(?:tai lieu|van ban|"
    r"hoa don)\b"
)
REFUND = re.compile(
    r"\b(?:tax|vat|claim|your)\b.{0,40}\brefunds?\b|\brefund (?:of|notification)\b"
    r"|\bhoan (?:thue|tien)\b|\bphat nguoi\b|\b(?:dinh danh (?:dien tu|muc)|vneid)\b"
)

#: (code, what is said, whether it asks for a click); texts are `plain`.
LURES = (
    ("secret", ASKS_SECRET, True),
    ("threat", THREATENS, True),
    ("parcel", PARCEL, True),
    ("document", DOCUMENT, True),
    ("refund", REFUND, True),
    ("account", CHANGES_ACCOUNT, False),
    ("favour", FAVOUR, False),
    ("fortune", FORTUNE, False),
    ("blackmail", BLACKMAIL, False),
)

#: Whom such mail claims to come from: words of a name -> labels of their own domains.
BRANDS: dict[str, tuple[str, ...]] = {
    "paypal": ("paypal",), "microsoft": ("microsoft", "microsoftonline", "office"),
    "office 365": ("microsoft", "office", "office365"),
    "office365": ("microsoft", "office", "office365"), "outlook": ("microsoft",
    "outlook", "office"), "onedrive": ("microsoft", "live"), "sharepoint": ("microsoft",
    "sharepoint", "sharepointonline"), "apple": ("apple", "icloud"), "icloud": ("apple",
    "icloud"), "amazon": ("amazon", "amazonses", "amazonaws"), "netflix": ("netflix",),
    "google": ("google", "youtube", "gmail"), "facebook": ("facebook", "facebookmail",
    "meta", "fb"), "instagram": ("instagram", "facebookmail"),
    "whatsapp": ("whatsapp",),
    "linkedin": ("linkedin",), "ebay": ("ebay",), "dhl": ("dhl", "dpdhl"),
    "fedex": ("fedex",), "usps": ("usps",), "ups": ("ups",), "docusign": ("docusign",),
    "dropbox": ("dropbox", "dropboxmail"), "adobe": ("adobe", "adobesign"),
    "wetransfer": ("wetransfer",), "coinbase": ("coinbase",), "binance": ("binance",),
    "metamask": ("metamask",), "chase": ("chase", "jpmorgan"), "wells fargo":
    ("wellsfargo",), "bank of america": ("bankofamerica",), "citibank": ("citi",
    "citibank"), "hsbc": ("hsbc",), "barclays": ("barclays",),
    "lloyds": ("lloydsbank",),
    "santander": ("santander",), "american express": ("americanexpress",),
    "capital one": ("capitalone",), "mastercard": ("mastercard",), "visa": ("visa",),
    "irs": ("irs",), "hmrc": ("hmrc",), "zalo": ("zalo", "vng"), "momo": ("momo",),
    "vietcombank": ("vietcombank",), "techcombank": ("techcombank",), "bidv": ("bidv",),
    "agribank": ("agribank",), "vietinbank": ("vietinbank",), "mbbank": ("mbbank",),
    "mb bank": ("mbbank",), "sacombank": ("sacombank",), "acb": ("acb",),
    "vpbank": ("vpbank",), "tpbank": ("tpb", "tpbank"), "vib": ("vib",), "shopee":
    ("shopee",), "lazada": ("lazada",), "tiki": ("tiki",), "viettel": ("viettel",
    "viettelpost"), "vnpost": ("vnpost",), "vnpt": ("vnpt",), "evn": ("evn",),
    "giao hang nhanh": ("ghn",), "giao hang tiet kiem": ("ghtk",), "vneid": ("gov",),
    "tong cuc thue": ("gdt",), "bo cong an": ("bocongan", "mps"),
    "bao hiem xa hoi": ("vss", "baohiemxahoi"),
}  # fmt: skip
#: Brands that are people's names, or words, too; and what stands beside the brand's.
NAMES = frozenset(
    {
        "apple",
        "chase",
        "visa",
        "ups",
        "tiki",
        "momo",
        "irs",
        "evn",
        "vib",
        "acb",
        "meta",
    }
)
SERVICES = frozenset(
    {
        "support", "service", "services", "team", "security", "alert", "alerts", "bank",
        "account", "accounts", "billing", "notification", "notifications", "customer",
        "care", "online", "id", "pay", "store", "help", "center", "centre", "delivery",
        "express", "noreply", "no", "reply", "info", "mail", "inc", "the", "vi", "my",
        "ngan", "hang", "dien", "luc", "cham", "soc", "khach", "thong", "bao",
    }
)  # fmt: skip
#: Words of offices that nobody outside can be.
_OFFICE = re.compile(
    r"\b(?:(?:it|e?mail|mail ?box|web ?mail|server|system|domain|cpanel|network|help) ?"
    r"(?:help ?desk|desk|support|admin(?:istrator)?|service|team|department|security|"
    r"quota|notification)|postmaster|webmaster|mailer service|"
    r"phong (?:it|ky thuat|nhan su|ke toan)|quan tri (?:mail|email|he thong)|"
    r"ban giam doc|tong giam doc)\b"
)
#: Where anybody gets a page, a short link or a form for nothing, and endings of domains
#: that cost next to nothing (Interisle, Spamhaus: most abused).
CHEAP_HOSTS = frozenset(
    {
        "bit.ly", "tinyurl.com", "t.ly", "is.gd", "cutt.ly", "rb.gy", "goo.gl",
        "shorturl.at", "ow.ly", "weebly.com", "weeblysite.com", "wixsite.com",
        "wixstudio.com", "github.io", "gitbook.io", "blogspot.com", "firebaseapp.com",
        "web.app", "pages.dev", "workers.dev", "r2.dev", "netlify.app", "vercel.app",
        "glitch.me", "webflow.io", "square.site", "godaddysites.com", "framer.app",
        "000webhostapp.com", "herokuapp.com", "onrender.com", "repl.co", "surge.sh",
        "ipfs.io", "dweb.link", "forms.gle", "jotform.com", "typeform.com",
        "backblazeb2.com", "azurewebsites.net", "duckdns.org", "ngrok.io",
        "ngrok-free.app", "trycloudflare.com", "myshopify.com",
    }
)  # fmt: skip
CHEAP_ENDINGS = frozenset(
    {
        "xyz", "top", "click", "icu", "shop", "online", "site", "vip", "live", "link",
        "buzz", "rest", "cfd", "sbs", "cam", "quest", "tk", "ml", "ga", "cf", "gq",
        "monster", "bond", "lol", "zip", "mov", "cyou", "pw", "fun", "space", "store",
    }
)  # fmt: skip


def plain(text: str) -> str:
    """Return the beginning of a text as the phrases are written: small letters, one
    line, without marks."""
    return " ".join(without_marks(text[:MAX_READ].casefold()).split())


def lures(text: str) -> dict[str, bool]:
    """Return {code of a lure in a text: whether it asks for a click}.

    `text`: as of `plain`.
    """
    return {code: clicks for code, phrase, clicks in LURES if phrase.search(text)}


def urges(text: str) -> bool:
    """Tell whether a text, as of `plain`, presses for time."""
    return bool(URGES.search(text))


def speaks_of_payment(text: str) -> bool:
    """Tell whether a text, as of `plain`, has a word of payments."""
    return bool(PAYMENT.search(text))


def brand_in(name: str, domain: str) -> str:
    """Return the known company that a name claims to be and whose none of its domains
    is `domain`, or ""."""
    label = (registrable(domain) or domain).partition(".")[0]
    words = re.findall(r"[a-z0-9]+", plain(name))
    said = f" {' '.join(words)} "
    for brand, labels in BRANDS.items():
        if f" {brand} " in said and label not in labels:
            if brand not in NAMES or set(words) <= {brand, *SERVICES}:
                return brand
    return ""


def is_office(name: str) -> bool:
    """Tell whether a name is that of an office inside of a company."""
    return bool(_OFFICE.search(plain(name)))


def is_cheap(host: str) -> bool:
    """Tell whether anybody gets such a host for nothing, or for next to nothing."""
    labels = host.split(".")
    names = {".".join(labels[place:]) for place in range(len(labels) - 1)}
    return labels[-1] in CHEAP_ENDINGS or bool(names & CHEAP_HOSTS)
