"""What the codes of a trace say in words."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# (step, code) -> sentence; the details of the step fill it in. Where a code is
# missing, (step, None) answers for the step.
SENTENCES = {
    ("size", "too_large"): _lt(
        "The email is larger than the router accepts: Odoo read only its headers. It "
        "is still on the mail server."
    ),
    ("fetch", "fetch_killed"): _lt(
        "Fetching it from the mail server was stopped by force %(count)s times, so "
        "Odoo gave up on it and continues with the next emails. It is still on the "
        "mail server."
    ),
    ("fetch", "fetch_failed"): _lt(
        "The connection to the mail server broke %(count)s times while it was "
        "fetched, so Odoo gave up on it and continues with the next emails. It is "
        "still on the mail server."
    ),
    ("fetch", "fetch_refused"): _lt(
        "The mail server refuses to hand over this email. It is still on the mail "
        "server."
    ),
    ("more", None): _lt("There is more like this, which is not listed."),
    ("route", "again"): _lt("It was routed again."),
    ("recipient", "original"): _lt(
        "%(header)s says that it was sent to %(address)s%(written)s."
    ),
    ("recipient", "named"): _lt(
        "The mail server did not say for whom the email was. %(header)s names "
        "%(address)s."
    ),
    ("recipient", "may_match"): _lt(
        "%(header)s also names %(address)s, which is one of your addresses."
    ),
    ("automatic", None): _lt(
        "A program wrote it (%(header)s: %(value)s): it gets no automatic answer."
    ),
    ("author", "own_from"): _lt(
        "It counts as written by %(address)s, who gets the reply: From is your own "
        "%(written)s, as contact forms write it, and %(header)s names the customer."
    ),
    ("author", "no_reply"): _lt(
        "It counts as written by %(address)s, who gets the reply: %(written)s in "
        "From accepts none, and %(header)s names who wants it."
    ),
    ("author", "list"): _lt(
        "It counts as written by %(address)s, who gets the reply: a mailing list has "
        "put %(written)s into From, and %(header)s names the writer."
    ),
    ("author", "nobody"): _lt("It does not say who wrote it: it has no author."),
    ("duplicate", "same_content"): _lt(
        "The same email is in the journal as message %(message)s."
    ),
    ("duplicate", "in_journal"): _lt(
        "The same email is already in the journal, as message %(message)s: Odoo "
        "would not process it a second time. Apart from that:"
    ),
    ("duplicate", "clean_copy"): _lt(
        "The same email was stopped as message %(message)s. This copy is clean, so "
        "it takes its place."
    ),
    ("duplicate", "served_by_copy"): _lt(
        "A clean copy of this email came later, as message %(message)s, and took its "
        "place."
    ),
    ("guard", "duplicate"): _lt("Odoo has already processed the same email."),
    ("guard", "own_message"): _lt(
        "Odoo itself has sent this email: it is a copy that came back."
    ),
    ("guard", "probe"): _lt(
        "It is the email of a round trip test, which has come back. The test has its "
        "result; Odoo does nothing else with it."
    ),
    ("guard", "probe_bounce"): _lt(
        "It is a bounce of a round trip test's email. The test shows why."
    ),
    ("guard", "bounce"): _lt(
        "It is a bounce: an email of yours was not delivered. It is noted on that "
        "email."
    ),
    ("guard", "bounce_unknown"): _lt(
        "It is a bounce of an email that Odoo did not send."
    ),
    ("guard", "delivery_notice"): _lt(
        "It is a notice that an email of yours is delayed or has arrived. You need "
        "not do anything."
    ),
    ("guard", "auto_reply"): _lt(
        "It is an auto-reply, and it replies to no message in Odoo."
    ),
    ("guard", "forwarding"): _lt(
        "It asks you to confirm that email is forwarded to you. Only you know whether "
        "somebody in your company has set that up."
    ),
    ("guard", "receipt"): _lt(
        "It is a read receipt: the mail program of somebody who got an email of yours "
        "wrote it."
    ),
    ("receipt", "read"): _lt(
        "%(address)s has read an email of %(document)s. There is a note on it."
    ),
    ("receipt", "deleted"): _lt(
        "%(address)s has deleted an email of %(document)s without reading it. There "
        "is a note on it."
    ),
    ("receipt", "other"): _lt(
        "The mail program of %(address)s has received an email of %(document)s. There "
        "is a note on it."
    ),
    ("receipt", "unproven"): _lt(
        "The check of the sender says that it is not from %(address)s: no document "
        "gets a note."
    ),
    ("receipt", "unknown"): _lt(
        "The email that %(address)s got is not known here: Odoo has not sent it, or "
        "its document is gone."
    ),
    ("forwarding", "asks"): _lt(
        "%(provider)s asks you to confirm a forwarding (code: %(value)s)."
    ),
    ("forwarding", "unproven"): _lt(
        "It says that it is from %(provider)s and asks to confirm a forwarding (code: "
        "%(value)s). That is not proven: open its link only if somebody in your "
        "company has just set up forwarding."
    ),
    ("guard", "bounce_claimed"): _lt(
        "It claims to be a bounce of an email of yours. Nothing proves that a mail "
        "server wrote it, so nothing was marked or counted."
    ),
    ("guard", "bounce_doubtful"): _lt(
        "It reads like a bounce, but no mail server has marked it as one: a person "
        "may have written it."
    ),
    ("bounce", "evidence"): _lt("It reports on a delivery (%(header)s: %(value)s)."),
    ("bounce", "failed"): _lt(
        "The mail to %(address)s on %(document)s was not delivered: %(value)s"
    ),
    ("sender", "perhaps_forged"): _lt(
        "Nothing proves that %(address)s wrote it, and it is in the name of a contact "
        "or replies to a document: a person decides."
    ),
    ("bounce", "claimed"): _lt(
        "It claims that an email to %(address)s was not delivered: %(value)s"
    ),
    ("bounce", "unknown"): _lt("An email to %(address)s was not delivered: %(value)s"),
    ("guard", "loop_answer"): _lt("It replies to a notice of our loop guard."),
    ("authentication", "forged"): _lt(
        "It claims to be from %(address)s, but your provider says that it is not "
        "(%(header)s: %(value)s)."
    ),
    ("guard", "forged_sender"): _lt("The sender claims to be one of you and is not."),
    ("hold", "unproven_sender"): _lt(
        "%(address)s: only certain senders may write to the alias, and your provider "
        "says that this sender is forged."
    ),
    ("spam", "spam"): _lt("Your provider calls it spam (%(header)s: %(value)s)."),
    ("spam", "virus"): _lt(
        "Your provider found a virus in it (%(header)s: %(value)s)."
    ),
    ("guard", "spam"): _lt("It is spam."),
    ("sender", "blocked"): _lt("The sender %(address)s is blocked."),
    ("guard", "blocked"): _lt("It is from a blocked sender."),
    ("person", "release"): _lt("%(user)s released it (%(time)s)."),
    ("person", "not_spam"): _lt(
        "%(user)s said that it is not spam: spam verdicts about %(sender)s no longer "
        "count (%(time)s)."
    ),
    ("person", "allow"): _lt("%(user)s allowed %(sender)s (%(time)s)."),
    ("person", "discard"): _lt("%(user)s discarded it (%(time)s)."),
    ("person", "block"): _lt("%(user)s blocked %(sender)s (%(time)s)."),
    ("person", "reject"): _lt(
        "%(user)s rejected it, and %(address)s gets a notice (%(time)s)."
    ),
    ("person", "route_to"): _lt("%(user)s routed it to %(target)s (%(time)s)."),
    ("person", "create_address"): _lt(
        "%(user)s created the address %(target)s (%(time)s)."
    ),
    ("person", "undo"): _lt("%(user)s undid the decision (%(time)s)."),
    ("answer", "sent"): _lt("%(address)s was sent an automatic answer."),
    ("answer", "no_address"): _lt(
        "No automatic answer to the sender: the email names no address to answer to."
    ),
    ("answer", "own_address"): _lt(
        "No automatic answer to %(address)s: it is one of your own addresses."
    ),
    ("answer", "automatic"): _lt(
        "No automatic answer to %(address)s: a program wrote the email."
    ),
    ("answer", "spam"): _lt("No automatic answer to %(address)s: the email is spam."),
    ("answer", "not_named"): _lt(
        "No automatic answer to %(address)s: your address is neither in To nor in Cc."
    ),
    ("answer", "forged"): _lt(
        "No automatic answer to %(address)s: your provider says that the sender is "
        "forged."
    ),
    ("answer", "not_proven"): _lt(
        "No automatic answer to %(address)s: nothing proves who the sender is, and "
        "the sender is not one of your contacts."
    ),
    ("answer", "told_today"): _lt(
        "No automatic answer to %(address)s: this sender already got one today."
    ),
    ("answer", "too_many"): _lt(
        "No automatic answer to %(address)s: the limit of answers per hour is reached."
    ),
    ("forward", "forwarded"): _lt("%(address)s: it was forwarded to %(to)s."),
    ("forward", "would_forward"): _lt("%(address)s: it would be forwarded to %(to)s."),
    ("match", "fallback"): _lt(
        "Nothing was found for %(address)s: the router's policy for unknown "
        "addresses decides where it goes."
    ),
    ("acknowledge", "in_conversation"): _lt(
        "%(address)s: the email continues a conversation, so the sender got no "
        "acknowledgement."
    ),
    ("acknowledge", "released"): _lt(
        "%(address)s: a person has decided about the email, so the sender got no "
        "acknowledgement."
    ),
    ("acknowledge", "too_many"): _lt(
        "%(address)s: the sender has reached today's limit of acknowledgements."
    ),
    ("acknowledge", "error"): _lt(
        "%(address)s: the acknowledgement template has an error, so the sender got "
        "none: %(value)s"
    ),
    ("unknown", "told"): _lt(
        "%(address)s: the sender was told that it does not exist."
    ),
    ("unknown", "unknown_discarded"): _lt(
        "Nothing was found for %(address)s: the router discards such mail."
    ),
    ("person", "choose"): _lt("%(user)s chose %(target)s (%(time)s)."),
    ("hold", "forward_loop"): _lt(
        "%(address)s: it was not forwarded, because it would have come back."
    ),
    ("suggestion", None): _lt("%(address)s may be a misspelling of %(suggestion)s."),
    ("match", "guess"): _lt("%(address)s does not exist and was read as %(alias)s."),
    ("match", "reply_address"): _lt(
        "%(address)s is the signed reply address of a document."
    ),
    ("hold", "deleted_document"): _lt(
        "%(address)s names a document that no longer exists."
    ),
    ("match", "person"): _lt("%(address)s: a person has chosen where it goes."),
    ("match", "reference"): _lt(
        "%(address)s: it is a reply to a message on a document."
    ),
    ("match", "alias"): _lt("%(address)s is an alias%(named)s."),
    ("match", "plus_address"): _lt(
        "%(address)s is the alias %(alias)s with something added after the +."
    ),
    ("rule", "matched"): _lt("Rule “%(rule)s” matched: %(conditions)s."),
    ("rule", "rule_discard"): _lt("%(address)s: a rule discards it."),
    ("guard", "rule_hold"): _lt("A rule holds it for a person."),
    ("guard", "rule_discard"): _lt("A rule discards it."),
    ("hold", "rule_hold"): _lt("%(address)s: the rule “%(rule)s” holds it."),
    ("hold", "rule_target"): _lt(
        "%(address)s: the rule “%(rule)s” leads to something that no longer exists. "
        "Correct the rule, then route the email again."
    ),
    ("match", "rule"): _lt("%(address)s: the rule “%(rule)s” decides where it goes."),
    ("deliver", "created"): _lt("%(address)s: it created the document %(document)s."),
    ("deliver", "posted"): _lt("%(address)s: it was added to %(document)s."),
    ("deliver", "goes_on"): _lt(
        "It is for so many recipients that it is delivered in portions: %(count)s of "
        "them follow at once."
    ),
    ("deliver", "same_document"): _lt(
        "%(address)s: the email is already on %(document)s."
    ),
    ("deliver", "would_create"): _lt(
        "%(address)s: a new document would be created (%(document)s)."
    ),
    ("deliver", "would_post"): _lt("%(address)s: it would be added to %(document)s."),
    ("answer", "would_send"): _lt("%(address)s would be sent an automatic answer."),
    ("deliver", "error"): _lt("%(address)s: an error stopped the delivery."),
    ("hold", "unknown_recipient"): _lt(
        "No alias, message or document was found for %(address)s."
    ),
    ("hold", "only_account"): _lt(
        "It was sent to %(address)s, the catch-all address itself, and replies to no "
        "message in Odoo."
    ),
    ("hold", "alias_contact"): _lt(
        "%(address)s: the alias does not accept email from this sender."
    ),
    ("hold", "app_refused"): _lt("%(address)s does not take this email: %(words)s."),
    ("hold", "loop_guard"): _lt(
        "Loop guard: %(count)s emails from this sender to %(address)s in %(hours)s "
        "hours."
    ),
    ("own", "token"): _lt("%(header)s carries the signature of email sent by Odoo."),
    ("own", "unproven"): _lt(
        "It looks like an email of yours to %(address)s that came back. Nothing proves "
        "that, so that email is still shown as sent."
    ),
    ("loop", "received"): _lt(
        "It has passed %(count)s mail servers, more than any email needs."
    ),
    ("guard", "loop_received"): _lt("It goes in circles between mail servers."),
    ("guard", "loop_delivered"): _lt(
        "It was in this mailbox before and has come back from outside."
    ),
    ("burst", "same_mail"): _lt(
        "%(count)s emails of this sender with the same subject and the same "
        "beginning arrived before it, all within %(minutes)s minutes."
    ),
    ("guard", "burst"): _lt("The sender sends the same email over and over."),
    ("trap", "hit"): _lt("%(address)s is a trap: no real person writes to it."),
    ("guard", "trap"): _lt("It was sent to a trap address."),
    ("trap", "sender"): _lt(
        "%(address)s wrote to a trap address in the last 24 hours, in message "
        "%(message)s."
    ),
    ("guard", "trap_sender"): _lt("Its sender has written to a trap address."),
    ("attack", "joined"): _lt(
        "Many addresses that do not exist were tried in a short time from %(source)s."
    ),
    ("guard", "attack"): _lt("It is part of an attack on unknown addresses."),
    ("hold", "attack"): _lt(
        "%(address)s does not exist: it is one of many made-up addresses that were "
        "tried."
    ),
    ("hold", "too_slow"): _lt("Routing it took longer than %(seconds)s seconds."),
    ("hold", "no_recipient"): _lt(
        "The email, with all that the mail server wrote on it, names no address on a "
        "served domain."
    ),
    ("guard", "suspicious"): _lt("It looks like spam or forgery."),
    ("guard", "virus"): _lt("There is a virus in it."),
    ("guard", "unchecked"): _lt(
        "It waits because it was not checked: an engine did not answer. It is checked "
        "by itself when the engine answers again; you can also decide yourself."
    ),
    ("engine", "spam"): _lt(
        "%(engine)s calls it spam, with %(score)s points (%(value)s)."
    ),
    ("engine", "fine"): _lt(
        "%(engine)s does not call it spam: %(score)s points (%(value)s)."
    ),
    ("engine", "doubt"): _lt(
        "%(engine)s finds it suspicious, but does not call it spam: %(score)s points "
        "(%(value)s)."
    ),
    ("engine", "virus"): _lt("%(engine)s found a virus in it (%(value)s)."),
    ("engine", "clean"): _lt("%(engine)s found no virus in it."),
    ("engine", "too_large"): _lt("It is too large for %(engine)s to look at it."),
    ("engine", "silent"): _lt(
        "%(engine)s did not answer (%(value)s): the email goes on without it, and is "
        "not checked later."
    ),
    ("engine", "awaited"): _lt(
        "%(engine)s did not answer (%(value)s): the email waits, and is checked by "
        "itself when it answers again."
    ),
    ("proof", "real"): _lt(
        "Odoo has checked it: it really is from the domain of %(address)s "
        "(%(results)s)."
    ),
    ("proof", "forged"): _lt(
        "Odoo has checked it: it is not from the domain of %(address)s, which lets "
        "nobody else send in its name (%(results)s)."
    ),
    ("proof", "double"): _lt(
        "It names its sender twice, so that programs show different ones: nothing that "
        "is signed in it counts."
    ),
    ("proof", "open"): _lt(
        "Odoo has checked it: nothing proves that it is from the domain of "
        "%(address)s, and nothing speaks against it (%(results)s)."
    ),
    ("proof", "silent"): _lt(
        "Odoo could not check who sent it: the name servers did not answer "
        "(%(results)s)."
    ),
    ("defence", "first"): _lt(
        "It is the first email from %(value)s, and has a link or a file (%(points)s "
        "points)."
    ),
    ("defence", "own_domain"): _lt(
        "It says that it is from %(value)s, which is one of your own addresses, and "
        "nothing proves it (%(points)s points)."
    ),
    ("defence", "own_name"): _lt(
        "It bears the name of one of you, and comes from a foreign address: %(value)s "
        "(%(points)s points)."
    ),
    ("defence", "our_name"): _lt(
        "It bears the name of your company, and comes from a foreign address: "
        "%(value)s (%(points)s points)."
    ),
    ("defence", "office"): _lt(
        "It calls itself an office of your company, and comes from outside: %(value)s "
        "(%(points)s points)."
    ),
    ("defence", "lookalike"): _lt(
        "The sender's domain is made to look like yours: %(value)s (%(points)s points)."
    ),
    ("defence", "lookalike_link"): _lt(
        "A link leads to a domain that is made to look like yours: %(value)s "
        "(%(points)s points)."
    ),
    ("defence", "mixed_letters"): _lt(
        "Words are written with letters of two alphabets that look alike: %(value)s "
        "(%(points)s points)."
    ),
    ("defence", "brand"): _lt(
        "It claims to be from a known company, and is not sent from there: %(value)s "
        "(%(points)s points)."
    ),
    ("defence", "forged"): _lt(
        "The check of the sender says that it is not from %(value)s (%(points)s "
        "points)."
    ),
    ("defence", "reply_elsewhere"): _lt(
        "The reply goes to another domain: %(value)s (%(points)s points)."
    ),
    ("defence", "reply_payment"): _lt(
        "It is about a payment, and the reply goes to another domain: %(value)s "
        "(%(points)s points)."
    ),
    ("defence", "link_other"): _lt(
        "A link leads to another place than it says: %(value)s (%(points)s points)."
    ),
    ("defence", "link_hidden"): _lt(
        "A link hides where it leads: %(value)s (%(points)s points)."
    ),
    ("defence", "cheap_host"): _lt(
        "A link leads to a place that anybody gets for nothing or for next to nothing: "
        "%(value)s (%(points)s points)."
    ),
    ("defence", "form"): _lt("It asks to fill in a form (%(points)s points)."),
    ("defence", "program"): _lt(
        "A program is attached: %(value)s (%(points)s points)."
    ),
    ("defence", "double_ending"): _lt(
        "An attachment is not what its name says: %(value)s (%(points)s points)."
    ),
    ("defence", "macro"): _lt(
        "A document with macros is attached: %(value)s (%(points)s points)."
    ),
    ("defence", "encrypted"): _lt(
        "An encrypted file is attached, which no virus scanner can look into: "
        "%(value)s (%(points)s points)."
    ),
    ("defence", "page"): _lt(
        "A web page with a form or a script is attached: %(value)s (%(points)s points)."
    ),
    ("defence", "secret"): _lt(
        "It asks to sign in or to confirm an account or a password (%(points)s points)."
    ),
    ("defence", "threat"): _lt(
        "It says that an account is locked, full or about to end (%(points)s points)."
    ),
    ("defence", "parcel"): _lt(
        "It is about a parcel that waits for something (%(points)s points)."
    ),
    ("defence", "document"): _lt(
        "It wants you to open a document (%(points)s points)."
    ),
    ("defence", "refund"): _lt(
        "It promises a refund, or speaks for the authorities (%(points)s points)."
    ),
    ("defence", "account"): _lt("It names a new bank account (%(points)s points)."),
    ("defence", "favour"): _lt(
        "It asks for a quick favour with money or cards (%(points)s points)."
    ),
    ("defence", "fortune"): _lt("It promises money (%(points)s points)."),
    ("defence", "blackmail"): _lt(
        "It blackmails, and wants to be paid in cryptocurrency (%(points)s points)."
    ),
    ("defence", "prize"): _lt(
        "It promises a prize, a reward or a gift (%(points)s points)."
    ),
    ("defence", "authority"): _lt(
        "It threatens with a court, a fine or a complaint (%(points)s points)."
    ),
    ("defence", "goods"): _lt(
        "It advertises what such email sells (%(points)s points)."
    ),
    ("defence", "callback"): _lt(
        "It speaks of a charge, and wants a call because of it (%(points)s points)."
    ),
    ("defence", "offer"): _lt(
        "It offers services that nobody has asked for (%(points)s points)."
    ),
    ("defence", "romance"): _lt("It looks for an acquaintance (%(points)s points)."),
    ("defence", "job"): _lt("It offers money for easy work (%(points)s points)."),
    ("defence", "stranger"): _lt(
        "It bears the name of a company or an office of which the address knows "
        "nothing: %(value)s (%(points)s points)."
    ),
    ("defence", "brand_link"): _lt(
        "Nothing proves that it is from a known company, and its links lead elsewhere: "
        "%(value)s (%(points)s points)."
    ),
    ("defence", "reply_free"): _lt(
        "The reply goes to an address that anybody gets for nothing: %(value)s "
        "(%(points)s points)."
    ),
    ("defence", "link_us"): _lt(
        "A link to another place holds your address: %(value)s (%(points)s points)."
    ),
    ("defence", "mailto"): _lt(
        "A button writes to an address that anybody gets for nothing: %(value)s "
        "(%(points)s points)."
    ),
    ("defence", "elsewhere"): _lt(
        "All its links lead away from its sender: %(value)s (%(points)s points)."
    ),
    ("defence", "picture"): _lt(
        "It says what it says in a picture, which is a link (%(points)s points)."
    ),
    ("defence", "noise"): _lt(
        "It has much text that nobody sees, which is to mislead filters (%(points)s "
        "points)."
    ),
    ("defence", "wallet"): _lt(
        "It names a wallet for cryptocurrency: %(value)s (%(points)s points)."
    ),
    ("defence", "loud"): _lt("It is written in capitals (%(points)s points)."),
    ("defence", "archive"): _lt(
        "An archive of a kind that few people make is attached: %(value)s (%(points)s "
        "points)."
    ),
    ("defence", "no_id"): _lt(
        "It has no Message-ID, which each mail program writes (%(points)s points)."
    ),
    ("defence", "no_thread"): _lt(
        "Its subject says that it is a reply, and it replies to nothing: %(value)s "
        "(%(points)s points)."
    ),
    ("defence", "ornate"): _lt(
        "Its sender's name has pictures in it: %(value)s (%(points)s points)."
    ),
    ("defence", "subject_us"): _lt(
        "Its subject holds your address: %(value)s (%(points)s points)."
    ),
    ("defence", "no_recipient"): _lt(
        "It does not say to whom it is (%(points)s points)."
    ),
    ("defence", "envelope"): _lt(
        "It would return to another domain than it is from: %(value)s (%(points)s "
        "points)."
    ),
    ("defence", "odd_archive"): _lt(
        "An archive is attached of a kind in which hardly anybody sends files: "
        "%(value)s (%(points)s points)."
    ),
    ("defence", "scan"): _lt(
        "It wants a code in a picture to be scanned, whose link nobody sees "
        "(%(points)s points)."
    ),
    ("defence", "messenger"): _lt(
        "It wants to go on in a messenger (%(points)s points)."
    ),
    ("defence", "urges"): _lt("It presses for time (%(points)s points)."),
    ("defence", "no_reverse_name"): _lt(
        "The server that sent it has no name (%(points)s points)."
    ),
    ("defence", "bulk"): _lt(
        "It was sent to %(value)s of your addresses at once (%(points)s points)."
    ),
    ("defence", "doubt"): _lt("%(value)s finds it suspicious (%(points)s points)."),
    ("filter", "spam"): _lt(
        "By what you have decided before it is spam, for %(percent)s %%: %(clues)s."
    ),
    ("filter", "form"): _lt(
        "It is made as the spam is that you have decided about (%(percent)s %%): "
        "%(clues)s."
    ),
    ("filter", "unsure"): _lt(
        "By what you have decided before it may be spam or not (%(percent)s %%): "
        "%(clues)s."
    ),
    ("filter", "fine"): _lt(
        "By what you have decided before it is wanted (%(percent)s %% spam): %(clues)s."
    ),
    ("person", "spam"): _lt("%(user)s said on %(time)s that it is spam."),
    ("person", "snooze"): _lt("%(user)s snoozed it until %(until)s (%(time)s)."),
}

# What a token of the filter is.
CLUES = {
    "from": _lt("the sender"),
    "domain": _lt("the sender's domain"),
    "name": _lt("in the sender's name"),
    "reply": _lt("the reply goes to"),
    "subject": _lt("in the subject"),
    "word": _lt("the word"),
    "pair": _lt("the words"),
    "host": _lt("a link to"),
    "path": _lt("in a link"),
    "file": _lt("an attachment"),
    "mailer": _lt("the mail program"),
    "charset": _lt("the character set"),
    "part": _lt("a part of the kind"),
    "sign": _lt("the form"),
    "lure": _lt("what it is after"),
}

# step -> (icon of Font Awesome, label)
STEPS = {
    "size": ("fa-arrows-h", _lt("Size")),
    "fetch": ("fa-download", _lt("Fetching")),
    "route": ("fa-repeat", _lt("Routing")),
    "recipient": ("fa-envelope-o", _lt("Recipient")),
    "automatic": ("fa-cogs", _lt("Automatic mail")),
    "duplicate": ("fa-clone", _lt("Duplicate")),
    "bounce": ("fa-undo", _lt("Notice about a delivery")),
    "authentication": ("fa-id-card-o", _lt("Sender")),
    "sender": ("fa-user-o", _lt("Sender")),
    "spam": ("fa-bug", _lt("Spam filter")),
    "defence": ("fa-exclamation-triangle", _lt("Suspicious")),
    "filter": ("fa-graduation-cap", _lt("Learnt filter")),
    "engine": ("fa-shield", _lt("Engine")),
    "proof": ("fa-id-card-o", _lt("Sender")),
    "own": ("fa-home", _lt("Own mail")),
    "loop": ("fa-refresh", _lt("Loop")),
    "burst": ("fa-files-o", _lt("Burst")),
    "trap": ("fa-crosshairs", _lt("Trap")),
    "attack": ("fa-bolt", _lt("Attack")),
    "guard": ("fa-shield", _lt("Check")),
    "rule": ("fa-filter", _lt("Rule")),
    "unknown": ("fa-question-circle-o", _lt("Unknown address")),
    "forward": ("fa-share", _lt("Forwarded")),
    "forwarding": ("fa-share", _lt("Forwarding to confirm")),
    "receipt": ("fa-check-square-o", _lt("Read receipt")),
    "suggestion": ("fa-lightbulb-o", _lt("Suggestion")),
    "match": ("fa-search", _lt("Match")),
    "author": ("fa-pencil", _lt("Author")),
    "deliver": ("fa-inbox", _lt("Delivery")),
    "hold": ("fa-pause-circle-o", _lt("Held")),
    "answer": ("fa-reply", _lt("Answer")),
    "acknowledge": ("fa-reply", _lt("Acknowledgement")),
    "person": ("fa-user", _lt("Decision")),
    "more": ("fa-ellipsis-h", _lt("More")),
}

OTHER_STEP = ("fa-circle-o", _lt("Step"))
