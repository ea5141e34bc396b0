"""What a mail that is after money, passwords or machines says, and in whose name.

Texts are compared in small letters and without marks: people and criminals write
Vietnamese with and without them. No single word condemns a mail, as customers write of
invoices and accounts, too; each lure is a phrase of what such mail asks for.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from ..mail.registrable import registrable
from . import tongues
from .brands import BRANDS, NAMES, SERVICES
from .languages import language_of, without_marks, words
from .lookalike import skeleton

MAX_READ = 4_000  # characters of a text that are searched
BEGINNING = 5  # letters of a word by which it is told that it is there

LANGUAGE_READ = 2_000  # characters by which its language is known

_LETTERS = re.compile(r"[^\W\d_]+")
_HYPHENATED = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


@dataclass(frozen=True)
class Phrase:
    """What is said, as a pattern to search for, and the words that it cannot be said
    without: the beginnings of some, of which one stands in every text that it is in.
    A phrase may have several such sets.

    Most mail says none of it. To look for words costs next to nothing, to search a text
    for a pattern with hundreds of beginnings does.
    """

    pattern: re.Pattern[str]
    needs: tuple[frozenset[str], ...]

    def is_in(self, text: str) -> bool:
        """Tell whether it is said in a text as of `plain`."""
        met = _beginnings(text)
        if any(map(met.isdisjoint, self.needs)):
            return False
        return bool(self.pattern.search(text))


def _phrase(pattern: str, *needs: str) -> Phrase:
    return Phrase(re.compile(pattern), tuple(map(_beginnings, needs)))


@lru_cache(maxsize=8)  # asked for each phrase
def _beginnings(text: str) -> frozenset[str]:
    """Return how the words of a text begin, a shorter word as it is."""
    return frozenset(word[:BEGINNING] for word in _LETTERS.findall(text))


def _any_of(*parts: str) -> str:
    return rf"\b(?:{'|'.join(parts)})\b"


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
    r"(?:recovery|seed|secret) (?:phrase|words?)|private keys?|"
    r"tai khoan|mat khau|hop thu|the (?:tin dung|ngan hang)|ma otp|danh tinh|"
    r"cum tu khoi phuc|khoa rieng|vi dien tu|"
    r"thong tin (?:ca nhan|thanh toan|the)|dung luong)"
)
_SECRETS = (
    "account access password passcode credentials mailbox identity webmail billing "
    "payment card otp pin wallet storage quota membership bank banking phrase word "
    "words private khoan khau thu dung ngan danh cum rieng dien thong"
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
ASKS_FOR_KEY = _phrase(
    r"\b(?:e-?mail|webmail|office|work|business|mailbox)\b.{0,20}\b(?:password|log-?in|"
    r"credentials)\b.{0,30}\b(?:needed|required|necessary|before it)\b"
    r"|\b(?:asked|prompted|required|need) (?:for|to (?:enter|use|provide|give|type)) "
    r".{0,30}\b(?:password|log-?in|credentials|seed|recovery phrase)\b"
    r"|\b(?:enter|type|import|provide)\b.{0,30}\b(?:(?:recovery|seed|secret) "
    r"(?:phrase|words)|(?:12|24) words)\b"
    r"|\b(?:scan|qr ?code)\b.{0,60}\b(?:decrypt|unlock|authenticate|re-?activate|"
    r"verify|(?:log|sign) ?in)\b",
    "password login log credentials seed phrase words scan qr qrcode",
    "needed required necessary before asked prompted need enter type import provide "
    "decrypt unlock authenticate activate reactivate verify login log signin sign",
)
ASKS_SECRET = _phrase(
    rf"\b{_ACT}\b.{{0,60}}?\b{_SECRET}\b|\b{_SECRET}\b.{{0,60}}?\b{_ACT}\b",
    _SECRETS,
    "verify confirm validate update reactivate restore unlock upgrade renew re "
    "reauthenticate authenticate secure review keep sign signing signon log logging "
    "login logon click xac nhat nhap kich khoa phuc han bam vao truy",
)
THREATENS = _phrase(
    rf"\b{_SECRET}\b.{{0,80}}?\b{_THREAT}\b|\b{_THREAT}\b.{{0,80}}?\b{_SECRET}\b"
    r"|\b(?:domain|hosting|web ?site|licen[cs]e|subscription|protection)\b.{0,60}?"
    r"\b(?:suspend\w*|expir\w+|terminat\w+|deactivat\w+|ended|overdue|lapsed)\b"
    r"|\b(?:device|computer|pc|laptop|i?phone)s?\b.{0,30}\b(?:infected|at risk|"
    r"unprotected|exposed)\b"
    r"|\b(?:\d+ incoming|undelivered|quarantined) (?:messages?|e-?mails?|mails?)\b",
    f"{_SECRETS} domain hosting web website licence subscription protection infected "
    "risk unprotected exposed incoming undelivered quarantined",
    "suspend deactivate disable restrict limited lock locked expire terminate closed "
    "closure blocked delete unauthorised unusual suspicious exceeded limit full "
    "undelivered pending hold irregular fraudulent failed did khoa dinh ngung vo het "
    "bat trai luong vuot ended overdue lapsed infected risk unprotected exposed "
    "incoming quarantined",
)
URGES = _phrase(
    _any_of(
        r"within \d{1,2} ?(?:hours?|hrs?|days?)", "immediately", "urgent(?:ly)?",
        r"act now", "as soon as possible", "final (?:notice|warning|reminder)",
        r"last (?:notice|warning|reminder)", r"failure to", r"before it is too late",
        r"(?:trong|sau) (?:vong )?\d{1,2} ?(?:gio|h|ngay)", "khan(?: cap)?",
        "ngay lap tuc", "lap tuc", "canh bao", "lan cuoi",
    ),
    "within immediately urgent act soon final last failure late trong sau khan lap "
    "canh cuoi",
)  # fmt: skip
PAYMENT = re.compile(
    _any_of(
        "payments?", "invoices?", "wire(?: transfer)?",
        "bank (?:account|details|transfer)", "transfer", "remittance", "iban", "swift",
        "gift ?cards?", "payroll", "direct deposit", "funds?", "beneficiary",
        "purchase order", "thanh toan", "hoa don", "chuyen (?:khoan|tien)",
        "so tai khoan", "tai khoan ngan hang", "the (?:cao|qua tang)", "cong no",
        "dat coc", "(?:tien|bang|nhan|tra|linh) luong", "tien hang",
    )
)  # fmt: skip
CHANGES_ACCOUNT = _phrase(
    r"\b(?:new|chang\w+|updat\w+|different)\b.{0,40}\b(?:bank(?:ing)?|account|iban)\b"
    r".{0,10}\b(?:details?|account|information|number|iban)\b"
    r"|\b(?:new|chang\w+|updat\w+|different)\b.{0,30}\b(?:beneficiary|remittance) "
    r"(?:bank |account|details|information)"
    r"|\b(?:bank|account)\b.{0,60}\b(?:can(?: not|'t|not)|unable to) (?:take|receive|"
    r"accept)\b|\bhold (?:all |any )?payments?\b"
    r"|\b(?:changed|switched|new) (?:my |our )?banks?\b"
    r"|\b(?:bank(?:ing)?|account) (?:details|information|number)\b.{0,30}"
    r"\b(?:chang\w+|updat\w+|new)\b"
    r"|\b(?:doi|thay doi|cap nhat|moi)\b.{0,30}\b(?:so )?tai khoan(?: ngan hang)?\b",
    "bank banks banking account iban beneficiary remittance hold khoan",
)
FAVOUR = _phrase(
    r"\bare you (?:available|free|at (?:your desk|the office)|in the office)\b"
    r"|\bgift ?cards?\b|\bkeep (?:this|it) (?:confidential|between us)\b"
    r"|\b(?:quick|small) (?:task|favou?r)\b|\bi(?:'m| am) in a meeting\b"
    r"|\bneed you to (?:handle|process|make|purchase|buy)\b"
    r"|\b(?:dang|toi) (?:ban )?hop\b.{0,60}\b(?:chuyen|mua|giup)\b|\bthe cao\b"
    r"|\b(?<!da )(?:chuyen (?:khoan|tien)|mua the)\b.{0,40}\b(?:gap|(?<!\d )ngay|"
    r"giup (?:anh|chi|toi|minh|sep))\b"
    r"|\bgiup (?:anh|chi|toi|minh)\b.{0,40}\b(?:chuyen|mua|viec gap)\b",
    "available free desk office gift giftcard keep task favor favour meeting need "
    "chuyen mua giup cao",
)
FORTUNE = _phrase(
    r"\b(?:next of kin|inheritance|late (?:husband|client|father|relative)|"
    r"(?:your|this) e-?mail (?:was|address was|has been) (?:selected|"
    r"chosen|found|one of|picked)|pre-?approved|business loans?|(?:no|without a?) ?"
    r"credit check|handling fee|atm card|finance house|private (?:lender|loan)|"
    r"loan offer|offer(?:s|ing)? (?:you )?(?:a )?loans?|beneficiary of|lottery|"
    r"sweepstakes?|unclaimed|"
    r"million (?:united states |us )?(?:dollars|euros?|pounds)|(?:us|eur|gbp) ?"
    r"\d[\d.,]* ?million|deceased|(?:atm|bank) draft|consignment box|compensation fund|"
    r"transfer of (?:the )?(?:sum|fund)|foreign partner|business proposal|you have won|"
    r"claim your (?:prize|reward|gift)|donation of|"
    r"trung thuong|trung giai|nhan (?:thuong|qua)|qua tang tri an|thua ke|tien thuong|"
    r"viec nhe luong cao|lai suat (?:thap|uu dai|chi)|vay (?:tien )?nhanh|"
    r"khong (?:can )?the chap|no xau|giai ngan)\b",
    "kin inheritance late email mail atm house lender loan loans beneficiary lottery "
    "sweepstake unclaimed million deceased draft consignment sum fund foreign proposal "
    "won claim donation trung nhan tang thua thuong nhe suat vay chap xau giai "
    "approved preapproved check handling",
)
_GIVER = (
    r"(?:widow|orphan\w*|orphanages?|united nations|compensation|charity|foundation|"
    r"powerball|lottery|barrister|attorney|cancer|random)"
)
_GIFT = (
    r"(?:millions?|funds?|usd|us ?\$ ?\d\S*|\$ ?\d\S*|(?:\d\S* )?(?:euros?|dollars)|"
    r"beneficiary|donat\w+|will)"
)
GIVES = _phrase(
    rf"\b{_GIVER}\b.{{0,250}}?\b{_GIFT}\b.{{0,600}}?\b(?:reply|contact|send|e-?mail|"
    r"telephone|phone|claim)\b",
    "widow orphan nations compensation charity foundation powerball lottery barrister "
    "attorney cancer random",
)
BLACKMAIL = _phrase(
    r"\b(?:bitcoin|btc|usdt|wallet|litecoin|ltc|monero|xmr|crypto\w*)\b.{0,400}\b(?:"
    r"video|webcam|camera|recorded|hacked|password|malware|trojan|spy\w*)\b"
    r"|\b(?:video|webcam|camera|recorded|hacked|malware|trojan|databases?|filmed|"
    r"leak\w*|"
    r"kamera|gehackt|aufgenommen|pirate|enregistre|camara|hacke\w+|grabad\w+|gravad\w+|"
    r"telecamera|quay (?:lai|video)|hinh anh nhay cam|spyware|pegasus|i (?:listened|"
    r"watched))\b.{0,800}\b(?:bitcoins?|btc|usdt|litecoin|ltc|monero|xmr|wallet)\b",
    "bitcoin btc usdt wallet litecoin ltc monero xmr crypto",
)
PARCEL = _phrase(
    r"\b(?:parcel|package|shipment|delivery|customs)\b.{0,100}\b(?:fee|pay|"
    r"unpaid|failed|could not be|unable|on hold|held|reschedul\w+|confirm|address)\b"
    r"|\b(?:buu (?:kien|pham)|don hang|kien hang)\b.{0,100}\b(?:phi|that bai|khong the|"
    r"xac nhan|dia chi|thanh toan|hai quan)\b",
    "parcel package shipment delivery customs buu don kien",
    "fee pay unpaid failed could unable hold held reschedule confirm address phi bai "
    "khong xac dia toan quan",
)
DOCUMENT = _phrase(
    r"\benable (?:the )?(?:content|editing|macros)\b|\bbat noi dung\b|"
    r"\bscan the (?:qr ?)?code\b|"
    r"\b(?:shared|sent|send(?:s|ing)?|received?|new|view|open|access|sign|review|"
    r"download|pending|secured?|encrypted|waiting)\b.{0,60}\b(?:documents?|files?|"
    r"faxe?s?|voice ?(?:mail|message)s?|pdf|e-?sign\w*|secure message|invoice|onedrive|"
    r"sharepoint|dropbox|contracts? to sign|agreement to sign)\b"
    r"|\b(?:named|listed|added) as (?:a )?sign(?:er|atory)\b"
    r"|\b(?:tai lieu|van ban|tep|hoa don|thu thoai)\b.{0,60}\b(?:chia se|xem|mo|tai "
    r"(?:ve|xuong)|ky)\b|\b(?:xem|mo|tai (?:ve|xuong))\b.{0,60}\b(?:tai lieu|van ban|"
    r"hoa don)\b",
    "enable bat scan document file files fax faxe faxs faxes voice pdf e esign secure "
    "invoice onedrive sharepoint dropbox lieu van tep hoa thoai contract agreement "
    "signer signatory",
)
REFUND = _phrase(
    r"\b(?:tax|vat|claim|your)\b.{0,40}\brefunds?\b|\brefund (?:of|notification)\b"
    r"|\bhoan (?:thue|tien)\b|\bphat nguoi\b|\b(?:dinh danh (?:dien tu|muc)|vneid)\b",
    "refund hoan phat danh vneid",
)

PRIZE = _phrase(
    r"\b(?:you(?:'ve|\u2019ve| have| were| are) (?:been )?(?:selected|chosen|picked)|"
    r"you(?:'ve|\u2019ve| have)? won (?:a|an|the|our)|claim (?:your|now|rewards?)|"
    r"(?:your|exclusive|loyalty) (?:rewards?|free gift|prize)|rewards? (?:is|are) |"
    r"air ?drop|\$ ?\d+ (?:gift )?(?:card|voucher|reward)|\d+ ?\$ (?:card|voucher)|"
    r"short survey|(?:three|3|few) (?:short |quick )?questions and|final "
    r"call\b.{0,20}:|"
    r"(?:1st|2nd|3rd|second|last) attempt|free (?:mint|spins?|iphone)|"
    r"trung (?:thuong|giai|qua)|tri an khach hang|vong quay|ma du thuong)\b",
    "selected chosen picked won claim reward gift prize air airdrop card voucher "
    "survey questions final attempt mint spin spins iphone trung tri quay thuong",
)
AUTHORITY = _phrase(
    r"\b(?:court (?:order|notice|summons|hearing)|subpoena|arrest warrant|"
    r"copyright (?:complaint|claim|infringement|violation) (?:about|on|against|report)|"
    r"(?:page|account) (?:was|has been) reported|dmca notice|"
    r"unpaid (?:toll|fine|penalty|tax)|traffic (?:fine|violation)|"
    r"toll (?:balance|invoice|charges?)|outstanding tolls?|trieu tap|lenh bat|"
    r"vi pham (?:ve |hanh chinh|phap luat|giao thong)|xu phat|khoi to|"
    r"ma so thue|nop phat|cat dien|ngung cung cap|truy thu|can bo thue|"
    r"co quan (?:thue|cong an|dieu tra)|cuong che)\b",
    "court subpoena arrest copyright reported dmca unpaid traffic toll tolls trieu "
    "lenh vi xu khoi thue nop cat ngung truy quan cuong",
)
CALLBACK = _phrase(
    r"\b(?:charged|debited|renew\w*|subscription|order|purchase|invoice|plan)\b"
    r".{0,400}\b(?:call(?: us)?|phone|contact|dial|help ?line|toll[\W_]?free|"
    r"help ?desk)\b"
    r".{0,80}\+?1?[ .(-]{0,3}8\d\d[ .)-]{0,3}\d",
    "charged debited renew subscription order purchase invoice plan",
    "call phone contact dial help helpline helpdesk toll tollfree",
)
OFFER = _phrase(
    r"\b(?:seo (?:company|services?|experts?|audit|packages?)|back ?links?|first page "
    r"of|"
    r"page (?:one|1) of google|google(?:'s)? (?:first|1st) page|rank(?:ing|s|ed)? "
    r"(?:on|in|higher|first)|web ?site (?:re-?design|design|development|traffic)|"
    r"(?:guest|sponsored) posts?|link (?:exchange|insertion)|(?:e-?mail|leads?|b2b|"
    r"contacts?|attendees?) (?:list|database)s?|app development|"
    r"domain authority|errors (?:which|that) keep|(?:bad|negative|one.star|1.star) "
    r"reviews?|(?:brand|internet|keyword) (?:as )?(?:keyword|names?)|defensive "
    r"registration|department of (?:internet|domain) names?)\b",
    "seo back backlink page google rank ranks ranked ranking design redesign "
    "development traffic guest sponsored link list lists database authority errors "
    "review keyword name names defensive",
)
ROMANCE = _phrase(
    r"\b(?:looking for (?:a )?(?:serious )?(?:man|woman|love|relationship|husband)|"
    r"(?:real|true) love|serious (?:man|relationship)|soul ?mate|lonely|"
    r"(?:send|see) (?:you )?my (?:photos?|pictures?|pics)|hot (?:girls?|women|singles)|"
    r"(?:russian|ukrainian|asian) (?:girls?|women|brides?|ladies)|"
    r"i am (?:a )?\d\d years? old (?:girl|woman|lady)|saw your profile)\b",
    "looking love serious soul soulmate lonely photo picture pics hot russian "
    "ukrainian asian girl woman lady profile",
)
JOB = _phrase(
    r"\b(?:part[\W_]?time|work (?:from|at) home|home[\W_]?based|remote (?:job|position|"
    r"assistant|"
    r"work)|(?:one|1|2|two|few) hours? (?:a|per) day|cong tac vien|danh gia \d sao|"
    r"moi nhiem vu|viec lam online|lam (?:viec "
    r")?(?:online "
    r")?tai nha|chot don|viec (?:nhe|lam them))\b.{0,500}\b(?:commission|(?:per|a) "
    r"(?:day|"
    r"week)|weekly|daily|send them on|training|telegram|whatsapp|hoa hong|thu nhap|"
    r"trong ngay|zalo)\b",
    "part parttime work home homebased remote hour hours vien nha chot viec danh nhiem",
    "commission day week weekly daily them training telegram whatsapp hong nhap ngay "
    "zalo",
)
GOODS = _phrase(
    r"\b(?:keto|gumm(?:y|ies)|(?:lose|melt|drop) (?:up to )?\d+ ?(?:kg|lbs?|pounds|"
    r"kilos)|"
    r"weight loss|belly fat|viagra|cialis|erectile|testosterone|cbd (?:oil|gummies)|"
    r"blood sugar|tinnitus|doctors? (?:are|is|hate|stunned)|casino|free spins|"
    r"erections?|blue pill|no prescription|prostate|big pharma|urologists?|"
    r"(?:second|simple|weird|salt|kitchen|bedtime) trick|before it is (?:banned|"
    r"taken down)|"
    r"bet(?:ting)? bonus|trading (?:bot|signals?|platform)|passive income|"
    r"viruses?\b.{0,40}\b(?:infected|detected|found)|(?:infected|detected)\b.{0,40}\b"
    r"viruses|antivirus (?:has )?expired|no longer protected|\d\d ?% off (?:today|"
    r"now))\b",
    "keto gummy gummies lose melt drop weight belly viagra cialis erectile "
    "testosterone cbd blood tinnitus doctor casino spins erection pill prescription "
    "prostate pharma urologist trick banned taken bonus trading passive virus "
    "antivirus protected off",
)

#: (code, what is said, whether it asks for a click); texts are `plain`.
LURES = (
    ("secret", ASKS_SECRET, True),
    ("secret", ASKS_FOR_KEY, True),
    ("threat", THREATENS, True),
    ("parcel", PARCEL, True),
    ("document", DOCUMENT, True),
    ("refund", REFUND, True),
    ("account", CHANGES_ACCOUNT, False),
    ("favour", FAVOUR, False),
    ("fortune", FORTUNE, False),
    ("fortune", GIVES, False),
    ("blackmail", BLACKMAIL, False),
    ("prize", PRIZE, True),
    ("authority", AUTHORITY, True),
    ("goods", GOODS, True),
    ("callback", CALLBACK, False),
    ("offer", OFFER, False),
    ("romance", ROMANCE, False),
    ("job", JOB, False),
)
_CLICKS = {code: clicks for code, _phrase, clicks in LURES}

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
        "ngrok-free.app", "trycloudflare.com", "myshopify.com", "t.co", "lnkd.in",
        "rebrand.ly", "buff.ly", "tiny.cc", "shorturl.com", "qr.page", "qrco.de",
        "linktr.ee", "urlz.fr", "s.id", "v.gd", "storage.googleapis.com",
        "firebasestorage.googleapis.com", "blob.core.windows.net",
        "web.core.windows.net", "s3.amazonaws.com", "sites.google.com",
        "forms.office.com", "docs.google.com", "script.google.com",
        "forms.microsoft.com", "l.facebook.com", "lm.facebook.com", "awstrack.me",
        "cloudflare-ipfs.com", "nftstorage.link", "wpengine.com", "strikingly.com",
        "mystrikingly.com", "carrd.co", "notion.site", "canva.site", "lovable.app",
        "replit.app", "fly.dev", "deno.dev", "codesandbox.io", "translate.goog",
        "ct.sendgrid.net", "digitaloceanspaces.com", "linodeobjects.com",
    }
)  # fmt: skip
CHEAP_ENDINGS = frozenset(
    {
        "xyz", "top", "click", "icu", "shop", "online", "site", "vip", "live", "link",
        "buzz", "rest", "cfd", "sbs", "cam", "quest", "tk", "ml", "ga", "cf", "gq",
        "monster", "bond", "lol", "zip", "mov", "cyou", "pw", "fun", "space", "store",
        "art", "su", "win", "loan", "date", "men", "beauty", "hair", "makeup", "skin",
        "mom", "autos", "boats", "homes", "yachts", "christmas", "pics", "motorcycles",
        "website",
    }
)  # fmt: skip


# Kana, ideographs, and what marks are taken of: Korean letters, one by one.
_EAST = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\u1100-\u11ff\uac00-\ud7a3]{2}")
# What company a word may be taken for; names that stand in hosts by chance are none.
_ALIKE = {skeleton(one): one for one in BRANDS if " " not in one and one not in NAMES}
_PLACES = {brand: place for place, brand in enumerate(BRANDS)}
_BY_FIRST_WORD: dict[str, list[str]] = {}
for _brand in BRANDS:
    _BY_FIRST_WORD.setdefault(_brand.partition(" ")[0], []).append(_brand)
_HOST_NAMES = frozenset(one for one in BRANDS if len(one) > 4) - NAMES


def plain(text: str) -> str:
    """Return the beginning of a text as the phrases are written: small letters, one
    line, without marks."""
    return " ".join(without_marks(text[:MAX_READ].casefold()).split())


def lures(text: str) -> dict[str, bool]:
    """Return {code of a lure in a text: whether it asks for a click}.

    `text`: as of `plain`.
    """
    found = {code: clicks for code, phrase, clicks in LURES if phrase.is_in(text)}
    for code in foreign(text) - {"urges"}:
        found.setdefault(code, _CLICKS[code])
    return found


def foreign(text: str) -> frozenset[str]:
    """Return the codes of the lures in a text that is not English or Vietnamese."""
    spoken, said = language(text), list(_hyphenated(text))
    found = tongues.lures_in(spoken, said)
    if spoken not in tongues.EASTERN and not text.isascii() and _EAST.search(text):
        # Words that nobody sees outnumber those without spaces between them.
        found |= tongues.lures_in("CJK", said)
    return found


@lru_cache(maxsize=8)  # asked for lures, for haste, and as a token
def language(text: str) -> str:
    """Return the language of a text, as of `plain`; see `languages.language_of`."""
    return language_of(words(text[:LANGUAGE_READ]))


def _hyphenated(text: str) -> Iterator[str]:
    return map(itemgetter(0), _HYPHENATED.finditer(text))


def urges(text: str) -> bool:
    """Tell whether a text, as of `plain`, presses for time."""
    return URGES.is_in(text) or "urges" in foreign(text)


def speaks_of_payment(text: str) -> bool:
    """Tell whether a text, as of `plain`, has a word of payments."""
    return bool(PAYMENT.search(text))


def brand_in(name: str, domain: str) -> str:
    """Return the known company that a name claims to be and whose none of its domains
    is `domain`, or "". A name may look like the company's."""
    label = (registrable(domain) or domain).partition(".")[0]
    if is_public(domain):
        return ""  # authorities have domains of their own below it
    parts = re.findall(r"[a-z0-9]+", plain(name))
    said = f" {' '.join(parts)} "
    label = "" if is_cheap(domain) else label
    near = {one for part in parts for one in _BY_FIRST_WORD.get(part, ())}
    for brand in sorted(near, key=_PLACES.__getitem__):
        if f" {brand} " in said and label not in BRANDS[brand]:
            if brand not in NAMES or set(parts) <= {brand, *SERVICES}:
                return brand
    alike = (_ALIKE.get(skeleton(one), "") for one in parts if len(one) > 4)
    return next((one for one in alike if one and label not in BRANDS[one]), "")


def is_of(brand: str, host: str) -> bool:
    """Tell whether a host is one of a known company's."""
    return not is_cheap(host) and registrable(host).partition(".")[0] in BRANDS[brand]


def is_public(domain: str) -> bool:
    """Tell whether a domain is one that only a country's authorities get."""
    return bool({"gov", "gob", "gouv", "go", "mil"} & set(domain.split(".")[-2:]))


def brand_in_host(host: str) -> str:
    """Return the known company in whose name a host is that is none of its, or ""."""
    label = registrable(host).partition(".")[0]
    parts = set(re.split(r"[-.]", host)) & _HOST_NAMES
    return next((one for one in sorted(parts) if label not in BRANDS[one]), "")


def labels_of(domain: str) -> frozenset[str]:
    """Return the labels of the domains of the known company that a domain belongs to,
    none where it is nobody's that is known."""
    label = "" if is_cheap(domain) else registrable(domain).partition(".")[0]
    owned = (labels for labels in BRANDS.values() if label in labels)
    return frozenset(one for labels in owned for one in labels)


def is_office(name: str) -> bool:
    """Tell whether a name is that of an office inside of a company."""
    return bool(_OFFICE.search(plain(name)))


def is_cheap(host: str) -> bool:
    """Tell whether anybody gets such a host for nothing, or for next to nothing."""
    labels = host.split(".")
    names = {".".join(labels[place:]) for place in range(len(labels) - 1)}
    return labels[-1] in CHEAP_ENDINGS or bool(names & CHEAP_HOSTS)
