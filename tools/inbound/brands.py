"""In whose name phishing is written: names that are known everywhere, and the labels
of the domains that they send from.

Banks, post offices, shops and services that public reports on phishing name (APWG,
Check Point, Cloudflare, national CERTs). A name counts as a whole word of what stands
before an address. What is a person's name or a usual word, too, counts only beside the
words of services.
"""

#: Words of a name -> labels of their own domains. Without labels: as the name is.
_OWN_LABELS = {
    "microsoft": "microsoft microsoftonline office office365 live",
    "office 365": "microsoft office office365 microsoftonline",
    "microsoft 365": "microsoft office office365 microsoftonline",
    "office365": "microsoft office office365 microsoftonline",
    "outlook": "microsoft outlook office office365",
    "onedrive": "microsoft live sharepointonline", "one drive": "microsoft live",
    "sharepoint": "microsoft sharepoint sharepointonline", "xbox": "microsoft xbox",
    "apple": "apple icloud", "icloud": "apple icloud", "itunes": "apple itunes",
    "amazon": "amazon amazonses amazonaws amazonbusiness amazonpay",
    "prime video": "amazon primevideo",
    "google": "google youtube gmail googlemail", "gmail": "google gmail",
    "facebook": "facebook facebookmail meta fb metamail",
    "meta business": "facebook facebookmail meta metamail",
    "instagram": "instagram facebookmail meta", "whatsapp": "whatsapp facebookmail",
    "linkedin": "linkedin", "tiktok": "tiktok", "dhl": "dhl dpdhl dhl-news "
    "deutschepost",
    "fedex": "fedex", "ups": "ups", "usps": "usps", "docusign": "docusign",
    "dropbox": "dropbox dropboxmail hellosign", "adobe": "adobe adobesign echosign",
    "metamask": "metamask consensys", "trust wallet": "trustwallet",
    "chase": "chase jpmorgan", "wells fargo": "wellsfargo",
    "bank of america": "bankofamerica bofa", "citibank": "citi citibank",
    "lloyds": "lloydsbank lloydsbanking", "american express": "americanexpress aexp",
    "amex": "americanexpress aexp", "capital one": "capitalone",
    "navy federal": "navyfederal nfcu", "pnc bank": "pnc", "us bank": "usbank",
    "zalo": "zalo vng", "tpbank": "tpb tpbank", "viettel": "viettel viettelpost",
    "giao hang nhanh": "ghn", "giao hang tiet kiem": "ghtk", "vneid": "gov",
    "tong cuc thue": "gdt", "cuc thue": "gdt", "bo cong an": "bocongan mps",
    "bao hiem xa hoi": "vss baohiemxahoi", "buu dien": "vnpost", "mb bank": "mbbank",
    "evn": "evn evnhcmc evnhanoi evnspc evncpc", "kho bac": "vst",
    "harbor freight": "harborfreight", "home depot": "homedepot", "lowe s": "lowes",
    "ace hardware": "acehardware", "sam s club": "samsclub", "best buy": "bestbuy",
    "geek squad": "bestbuy geeksquad", "t mobile": "t-mobile tmobile telekom",
    "at t": "att", "mcafee": "mcafee", "norton": "norton nortonlifelock gen",
    "lifelock": "norton lifelock", "tractor supply": "tractorsupply",
    "dick s": "dickssportinggoods", "cash app": "square cash", "credit agricole":
    "credit-agricole ca", "societe generale": "societegenerale socgen", "la banque "
    "postale":
    "labanquepostale laposte", "bnp paribas": "bnpparibas", "assurance maladie":
    "assurance-maladie ameli", "impots": "dgfip gouv", "banco do brasil": "bb",
    "mercado livre": "mercadolivre mercadopago", "mercado pago": "mercadopago",
    "magazine luiza": "magazineluiza magalu", "receita federal": "fazenda gov",
    "caixa economica": "caixa", "deutsche bank": "db deutsche-bank", "deutsche post":
    "deutschepost dhl", "deutsche telekom": "telekom t-online", "telekom":
    "telekom t-online t-mobile", "ing diba": "ing", "n26": "n26",
    "postbank": "postbank",
    "consorsbank": "consorsbank", "elster": "elster", "zoll": "zoll bund",
    "amazon co jp": "amazon", "rakuten": "rakuten", "jcb": "jcb", "poste italiane":
    "poste posteitaliane", "intesa sanpaolo": "intesasanpaolo", "agenzia entrate":
    "agenziaentrate", "agenzia delle entrate": "agenziaentrate", "agencia tributaria":
    "agenciatributaria gob", "la caixa": "caixabank lacaixa", "caixabank": "caixabank",
    "belastingdienst": "belastingdienst", "rabobank": "rabobank", "abn amro": "abnamro",
    "digid": "digid", "postnl": "postnl", "bpost": "bpost", "royal mail": "royalmail",
    "hm revenue": "hmrc gov", "hmrc": "hmrc gov", "irs": "irs", "dvla": "dvla gov",
    "tv licensing": "tvlicensing", "evri": "evri", "poczta polska": "poczta-polska",
    "pko bp": "pkobp", "inpost": "inpost", "allegro": "allegro", "swiss post": "post",
    "die post": "post", "swisscom": "swisscom", "godaddy": "godaddy secureserver",
    "ring central": "ringcentral", "ringcentral": "ringcentral", "zoom": "zoom",
    "webex": "webex cisco", "we transfer": "wetransfer", "wetransfer": "wetransfer",
    "shopify": "shopify", "stripe": "stripe", "wise": "wise transferwise",
    "leroy merlin": "leroymerlin", "john lewis": "johnlewis", "el corte ingles":
    "elcorteingles", "le creuset": "lecreuset", "louis vuitton": "louisvuitton",
    "state farm": "statefarm", "omaha steaks": "omahasteaks", "bed bath":
    "bedbathandbeyond", "standard bank": "standardbank", "ray ban": "ray-ban",
    "casas bahia": "casasbahia", "caisse d epargne": "caisse-epargne",
    "credit mutuel": "creditmutuel", "ok x": "okx", "crypto com": "crypto",
    "western union": "westernunion", "moneygram": "moneygram", "revolut": "revolut",
}  # fmt: skip
_AS_NAMED = """
    paypal netflix ebay coinbase binance kraken bybit ledger trezor opensea uniswap
    phantom exodus blockchain hsbc barclays santander natwest monzo starling halifax
    nationwide mastercard visa discover truist venmo zelle klarna afterpay vietcombank
    techcombank bidv agribank vietinbank mbbank sacombank acb vpbank vib hdbank shopee
    lazada tiki momo vnpost vnpt fpt costco walmart target kohls walgreens cvs lidl
    aldi rossmann otto mediamarkt saturn decathlon ikea dewalt ryobi milwaukee makita
    bosch yeti stanley dyson starlink spotify disney hulu youtube hbo crunchyroll
    steam roblox telegram snapchat twitter correos seur mrw gls dpd hermes chronopost
    colissimo mondialrelay laposte ameli cpam caf bbva bankinter sabadell openbank
    ibercaja correios nubank bradesco itau serasa livelo claro vivo vodafone movistar
    orange sfr bouygues edf engie eon sparkasse volksbank commerzbank postfinance
    telstra optus ato mygov centrelink auspost anz westpac commbank emirates qatar
    booking airbnb expedia namecheap bluehost hostinger ionos strato ovh zimbra
    roundcube cpanel mailchimp sendgrid slack github dropboxsign signnow pandadoc
    yousign quickbooks intuit xero sage adp workday paychex gusto citrix vmware
    malwarebytes avast avira kaspersky zksync arbitrum optimism polygon solana cardano
    ripple pancakeswap cryptocom bitpanda carrefour tesco sainsburys asda argos currys
    kaufland hornbach edeka rewe mercadona zara nike adidas samsung sephora shein temu
    aliexpress zalando americanas magalu boticario rolex geico keurig hexclad jackery
    lowes homedepot menards petsmart instacart doordash ubereats deliveroo lyft
    southwest lufthansa ryanair easyjet marriott hilton hertz airfrance renfe sncf
    trenitalia mediaset enel iberdrola naturgy endesa bt sky talktalk freenet o2
    bouygues proximus telenet kpn ziggo swisspost bankia abanca unicaja unicredit nexi
    bper fineco ubs raiffeisen crelan belfius kbc argenta capitec fnb absa nedbank
    standardbank mtn safaricom mpesa gcash maybank cimb dbs ocbc uob grab gojek bca
    mandiri bri kbank scb krungthai paytm phonepe sbi hdfc icici axis rakutencard smbc
    mufg aeon docomo softbank yamato sagawa etc smartbill cointracker nexo bitfinex
    kucoin okx huobi safepal exodus opensea blur magiceden totalav equifax experian
    transunion sunpass ezpass fastrak
"""
BRANDS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in _AS_NAMED.split()},
    **{name: tuple(labels.split()) for name, labels in _OWN_LABELS.items()},
}
#: Names of people, and words, too.
_NAMES = """
    apple chase visa ups tiki momo irs evn vib acb meta target otto orange vivo claro
    steam discover phantom ledger wise stripe zoom bosch stanley milwaukee saturn sage
    slack caf ato anz kraken exodus hermes elster zoll hulu caf jcb fpt vnpt monzo
    starling halifax nationwide booking impots claro adp gls dpd rossmann makita
    disney allegro twitter blockchain zara nike argos polygon optimism axis etc blur
    sky bt grab bri o2 aeon temu southwest nexo hertz hilton marriott delta ripple ubs
    lyft enel
"""
NAMES = frozenset(_NAMES.split())
#: What stands beside a brand's name.
_SERVICES = """
    support service services team security alert alerts bank account accounts billing
    notification notifications customer care online id pay store help center centre
    delivery express noreply no reply info mail inc the vi my ngan hang dien luc cham
    soc khach thong bao rewards reward survey offer deal wallet exchange admin
    administrator kundenservice kundendienst client clients clientele cliente clientes
    atencion equipe equipo servicio atendimento suporte assistenza hcmc hanoi mexico
    espana france brasil deutschland italia usa uk live safety desk verification
    update updates member membership premium subscription prime order orders shipping
    parcel tracking gift card receipt receipts invoice invoices payment payments ads
    policy zahlung zahlungen rechnung paiement paiements pago pagos pagamento business
"""
SERVICES = frozenset(_SERVICES.split())
