"""The words of mail servers and filters that name nobody.

They may stay in a report about a provider's headers; every other word is replaced.
"""

_SYNTAX = """
    received from by with for id via tls ssl cipher bits version verify verified no
    yes not client certificate requested present using helo ehlo helo= envelope
    sender recipient mail email smtp esmtp esmtps esmtpa esmtpsa lmtp lmtps lmtpa
    lmtpsa smtps utf8smtp utf8smtps utf8smtpa utf8smtpsa utf8lmtp utf8lmtps http
    https mapi rpc imap pop3 local network invoked uid userid auth authenticated
    user unknown localhost localdomain loopback domain address host port ip ipv4
    ipv6 peer ident return path forwarded delivered original none null true false a
    an the is of and or in on at to as utf-8 us-ascii iso-8859-1 tlsv1 tls1 tlsv1.2
    tlsv1.3 tls1_2 tls1_3 tls1.2 tls1.3 aes128 aes256 aes_128_gcm_sha256
    aes_256_gcm_sha384 gcm sha sha1 sha256 sha384 ecdhe rsa ecdsa chacha20 poly1305
    x25519 kex dhe exchange key server signature digest secp256r1 secp384r1 p rsassa
    pss
"""
_SOFTWARE = """
    coremail detection software
    postfix exim sendmail qmail dovecot cyrus sieve amavis amavisd amavisd-new
    clamav spamassassin rspamd rspamd-proxy milter opendkim opendmarc policyd
    policyd-spf openarc zimbra zextras carbonio icewarp mdaemon kerio hmailserver
    haraka exchange microsoft google yahoo yandex proton protonmail apple icloud
    fastmail zoho ionos gmx mailenable smartermail axigen communigate domino lotus
    groupwise cpanel whm plesk directadmin ispconfig mailcow iredmail modoboa
    mimecast proofpoint barracuda cloudmark vade vaderetro ironport cisco sophos
    fortimail fortinet trendmicro symantec messagelabs mxfront mxback mxlogic
    spamexperts mailchannels halon kolab courier maildrop procmail fetchmail getmail
    mpop frontend transport mailbox delivery backend hub edge gateway relay relays
    filter scanner scan scanned queue deliver pipe spool store proxy submission
"""
_VERDICTS = """
    authentication results arc dkim dkim-adsp dkim-atps spf sender-id iprev dmarc
    bimi compauth dara pass passed fail failed softfail hardfail neutral temperror
    permerror policy bestguesspass discard reject rejected quarantine quarantined
    unsigned signed action reason header body mailfrom rcptto smtp.mailfrom
    smtp.mail smtp.helo smtp.rcptto smtp.auth smtp.remote-ip header.d header.i
    header.from header.b header.s header.a policy.dmarc policy.iprev policy.ptr
    policy.published-domain-policy published-domain-policy applied-disposition
    evaluated-disposition designates permitted receiver client-ip envelope-from
    identity transitioning best guess record does designate because was message key
    selector dis sp pct adkim aspf disposition spam ham junk notjunk notspam clean
    dirty infected infection virus viruses banned malware phish phishing spoof
    spoofed spoofing bulk suspicious suspect suspected probable probably likely
    definite definitely legit legitimate good bad high low medium normal ok safe
    unsafe trusted untrusted allow allowed deny denied block blocked accept accepted
    whitelist whitelisted blacklist blacklisted greylist greylisted graylist listed
    unlisted inbox tag tagged marked mark add rewrite subject soft default tests
    test score scores hits required tag_level tagged_above threshold autolearn
    unavailable disabled enabled level flag status report verdict state result
    details rule engine checked check running system has identified this incoming
    content preview analysis pts name description total rbl dnsbl uribl bayes html
    mime valid au ef invalid shortcircuit scl bcl pcl cip ctry lang srv ipv nli h
    ptr cat sfs dir sfv sfty spm nspm sks skb skn ska ski sfe skq hspm phsh hphsh
    hphish malw ucf jmr dest eng ofr auth:0 inb out internal external anonymous
    anonymously ym gray grey unsure marketing newsletter social commercial
    transactional adult scam fraud impersonation backscatter bounce symbols yesno
"""
_HEADER_WORDS = """
    ham junk
    x ms mx sa ses pm ui vr gm um ovh mras apple msg organization forest crosstenant
    cross tenant antispam antivirus anti forefront office365 office filtering
    filteringresults correlation diagnostic mailbox delivery uid scl pcl authas
    authsource authmechanism mechanism exclaimer eop eopattributedmessage
    eoptenantattributedmessage transport publictraffictype traffictypediagnostic
    messagesentrepresentingtype incomingtopheadermarker incomingheadercount network
    received authentication results arc seal message signature dkim domainkey spf
    return path delivered to envelope from original originating ip rcpt recipient
    forwarded for cc bcc sender reply subject date id references in content type
    transfer encoding disposition language mime version spam spamd rspamd rspam
    status score level flag bar report checker bogosity virus scanned scanner amavis
    alert barracuda proofpoint details mimecast yandex fwd front timemark filter
    filterresults filterid inboundreport vade spamstate spamscore spamcause gmx
    antiabuse phishing action movetofolder folder verdict virusstatus kse ksmg zoho
    zm zmail ymail ym isg mailchannels hmailserver loop auto submitted precedence
    list post unsubscribe help owner archive priority importance mailer user agent
    google smtp source exchange feedback outgoing originalarrivaltime arrivaltime
    country asn greylist greylisting remote client helo host hostname server
    resolved sending mta authenticated authuser hits tests required dspam result
    confidence probability klms cloudmark analysis ironport sophos fortimail clamav
    notes thread topic index resent
"""

#: Words that may stay in values, lower case.
WORDS = frozenset(f"{_SYNTAX} {_SOFTWARE} {_VERDICTS}".split())
#: Parts of header names between hyphens that may stay wherever a header stands.
HEADER_WORDS = frozenset(_HEADER_WORDS.split())
