"""What the findings about a router's health say in words."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

LABELS = {
    "incoming": _lt("Receiving"),
    "outgoing": _lt("Sending"),
    "last_in": _lt("Last email in"),
    "last_out": _lt("Last email out"),
    "behind": _lt("Left in the mailbox"),
    "killed": _lt("Stopped by force"),
    "waiting": _lt("Waiting for routing"),
    "held": _lt("Held"),
    "forwarding": _lt("Forwarding to confirm"),
    "failed": _lt("Failed"),
    "dead": _lt("Given up"),
    "complete": _lt("Completeness"),
    "budget": _lt("Sending budget"),
    "certificate": _lt("Certificate"),
    "junk": _lt("Junk folder"),
    "alarms": _lt("False alarms"),
    "trip": _lt("Round trip"),
    "headers": _lt("Provider's headers"),
    "proof": _lt("Proof of senders"),
    "jobs": _lt("Scheduled actions"),
    "dns": _lt("Name servers"),
    "spf": _lt("SPF"),
    "dkim": _lt("DKIM"),
    "dmarc": _lt("DMARC"),
    "listening": _lt("Listening"),
    "engines": _lt("Engines"),
    "learning": _lt("Engines learn"),
}

# (item, code) -> sentence.
SENTENCES = {
    ("incoming", "works"): _lt("The mailbox can be read."),
    ("incoming", "fails"): _lt(
        "Odoo cannot read the mailbox since %(since)s. The answer was: %(words)s"
    ),
    ("incoming", "signed_out"): _lt(
        "Odoo is signed out of the mailbox since %(since)s. The answer was: %(words)s"
    ),
    ("outgoing", "signed_out"): _lt(
        "Odoo is signed out of the account that sends its email since %(since)s. The "
        "answer was: %(words)s"
    ),
    ("incoming", "off"): _lt(
        "The incoming server %(server)s is archived or not confirmed: Odoo collects "
        "no email."
    ),
    ("incoming", "pauses"): _lt(
        "Collecting has been paused since %(since)s: too much email is waiting to be "
        "routed."
    ),
    ("incoming", "strange"): _lt(
        "This database seems to be a copy: it leaves the mailbox alone."
    ),
    ("outgoing", "strange"): _lt(
        "This database seems to be a copy: it sends nothing through this account."
    ),
    ("outgoing", "works"): _lt("The outgoing server can be used."),
    ("outgoing", "fails"): _lt(
        "No email could be sent since %(since)s. The answer was: %(words)s"
    ),
    ("outgoing", "off"): _lt("The outgoing server %(server)s is archived."),
    ("last_in", "never"): _lt("No mail yet."),
    ("last_in", "last"): _lt("%(age)s ago"),
    ("last_out", "never"): _lt("No mail yet."),
    ("last_out", "last"): _lt("%(age)s ago"),
    ("behind", "some"): _lt(
        "Emails that wait in the mailbox: %(count)s. Odoo has collected "
        "none since %(since)s."
    ),
    ("killed", "once"): _lt(
        "Odoo was stopped by force while collecting, on %(since)s."
    ),
    ("killed", "some"): _lt(
        "Odoo was stopped by force %(count)s times while collecting, last on %(since)s."
    ),
    ("waiting", "none"): _lt("Nothing is waiting."),
    ("waiting", "some"): _lt("%(count)s, the oldest for %(age)s"),
    ("held", "none"): _lt("Nothing is waiting for a decision."),
    ("held", "some"): _lt("%(count)s waiting for a decision, the oldest for %(age)s"),
    ("forwarding", "asks"): _lt(
        "%(provider)s asks whether email may be forwarded to %(address)s (code: "
        "%(code)s)."
    ),
    ("forwarding", "unproven"): _lt(
        "An email asks whether email may be forwarded to %(address)s (code: "
        "%(code)s). It says that it is from %(provider)s, which is not proven."
    ),
    ("failed", "none"): _lt("None."),
    ("failed", "some"): _lt(
        "Emails that could not be routed and are being retried: %(count)s."
    ),
    ("dead", "none"): _lt("None."),
    ("dead", "some"): _lt(
        "Emails that could not be routed and are on no document: %(count)s."
    ),
    ("complete", "complete"): _lt(
        "All mail of the mailbox is in Odoo (checked %(age)s ago)."
    ),
    ("complete", "missing"): _lt(
        "Emails of the mailbox that are not in Odoo: %(count)s."
    ),
    ("complete", "unchecked"): _lt("Not checked yet; Odoo checks it every night."),
    ("complete", "long_ago"): _lt("Last checked %(age)s ago."),
    ("budget", "enough"): _lt("%(used)s of %(limit)s used in the last %(period)s"),
    ("budget", "little_left"): _lt("%(used)s of %(limit)s used in the last %(period)s"),
    ("budget", "used_up"): _lt("Used up: %(used)s of %(limit)s in the last %(period)s"),
    ("certificate", "valid"): _lt("Valid until %(end)s"),
    ("certificate", "ends"): _lt(
        "The certificate of %(server)s is only valid for another %(left)s."
    ),
    ("certificate", "expired"): _lt(
        "The certificate of %(server)s expired %(left)s ago."
    ),
    ("junk", "none"): _lt("No unread mail in it."),
    ("junk", "some"): _lt(
        "Unread emails in the folder “%(folder)s”, which Odoo does not read: %(count)s."
    ),
    ("alarms", "few"): _lt(
        "Emails that were stopped as spam and that you released in 30 days: %(count)s, "
        "of %(total)s that came in."
    ),
    ("alarms", "many"): _lt(
        "Emails that were stopped as spam and that you released in 30 days: %(count)s, "
        "of %(total)s that came in. That is more than 1 in 1,000."
    ),
    ("proof", "hidden"): _lt(
        "The mail server did not say where any of the last %(count)s emails came from: "
        "nothing can prove who sent them."
    ),
    ("dns", "silent"): _lt(
        "No name server has answered since %(day)s, so Odoo cannot check who sends you "
        "email."
    ),
    ("trip", "came_back"): _lt("A test email came back %(age)s ago."),
    ("trip", "never"): _lt(
        "Not tested yet: does an email to a made-up address come back?"
    ),
    ("trip", "lost"): _lt("The last test email did not come back."),
    ("headers", "known"): _lt("The newest emails have the known headers."),
    ("headers", "strange"): _lt(
        "Your provider has written other headers since %(day)s."
    ),
    ("jobs", "run"): _lt("They are running."),
    ("jobs", "off"): _lt("Switched off: %(names)s"),
    ("jobs", "fails"): _lt("Failing since %(since)s: %(names)s"),
    ("jobs", "late"): _lt("Long overdue: %(names)s"),
    ("spf", "unknown"): _lt("Not known: no name server answered about %(domain)s."),
    ("spf", "absent"): _lt(
        "%(domain)s does not say which servers send its email (no SPF record)."
    ),
    ("spf", "several"): _lt(
        "%(domain)s has several SPF records, so that none of them counts."
    ),
    ("spf", "everyone"): _lt(
        "The SPF record of %(domain)s lets every server of the world send its email."
    ),
    ("spf", "dead"): _lt(
        "The SPF record of %(domain)s includes %(dead)s, which has none, so that the "
        "whole record is invalid."
    ),
    ("spf", "many"): _lt(
        "The SPF record of %(domain)s needs more than 10 look-ups, so that the whole "
        "record is invalid."
    ),
    ("spf", "lacks"): _lt(
        "The SPF record of %(domain)s does not list the servers of the provider that "
        "sends its email."
    ),
    ("spf", "set"): _lt("%(domain)s says which servers send its email: %(record)s"),
    ("dkim", "unknown"): _lt("Not known: no name server answered about %(name)s."),
    ("dkim", "unseen"): _lt("Not known for %(domain)s: no test email has come back."),
    ("dkim", "unsigned"): _lt(
        "Not known for %(domain)s: the test email came back without a signature. Many "
        "providers sign only what leaves them."
    ),
    ("dkim", "foreign"): _lt(
        "The email of %(domain)s is signed, but as %(signer)s: it does not count as "
        "email of the domain."
    ),
    ("dkim", "no_key"): _lt(
        "The email of %(domain)s is signed, but the key is not in the DNS: %(name)s"
    ),
    ("dkim", "revoked"): _lt(
        "The email of %(domain)s is signed with a key that was revoked: %(name)s"
    ),
    ("dkim", "set"): _lt("The email of %(domain)s is signed, with the key %(name)s."),
    ("dmarc", "unknown"): _lt("Not known: no name server answered about %(domain)s."),
    ("dmarc", "absent"): _lt(
        "%(domain)s does not say what becomes of email that is forged in its name (no "
        "DMARC record)."
    ),
    ("dmarc", "several"): _lt(
        "There are several DMARC records for %(domain)s at %(name)s, so that none of "
        "them counts."
    ),
    ("dmarc", "broken"): _lt(
        "The DMARC record for %(domain)s at %(name)s is not valid: it has no policy."
    ),
    ("dmarc", "set"): _lt(
        "%(domain)s has a DMARC record at %(name)s, with the policy “%(policy)s”."
    ),
    ("listening", "nobody"): _lt(
        "Nobody is listening to the mailbox: email is collected every few minutes."
    ),
    ("listening", "inside"): _lt(
        "Odoo itself has been listening since %(since)s (process %(process)s on "
        "%(host)s): email is here the moment it arrives."
    ),
    ("listening", "process"): _lt(
        "A listener of its own has been listening since %(since)s (process "
        "%(process)s on %(host)s): email is here the moment it arrives."
    ),
    ("listening", "partly"): _lt(
        "Process %(process)s on %(host)s is listening to %(count)s of %(total)s "
        "folders; email in the others is collected every few minutes."
    ),
    ("engines", "never"): _lt("%(names)s: not asked about any email yet."),
    ("engines", "answer"): _lt("%(names)s: the last answer came %(age)s ago."),
    ("engines", "silent"): _lt(
        "%(engine)s has not answered since %(since)s (%(words)s)."
    ),
    ("learning", "fails"): _lt(
        "%(engine)s has not learned from your decisions since %(since)s (%(words)s)."
    ),
}

# What a person does about it, where there is something to do.
ADVICE = {
    ("incoming", "fails"): _lt(
        "Press Test: it says what is wrong and what to do. Nothing is lost, the mail "
        "waits on the mail server."
    ),
    ("incoming", "signed_out"): _lt(
        "Press Sign In Again, and sign in with the mailbox's own account. Nothing is "
        "lost, the mail waits on the mail server."
    ),
    ("outgoing", "signed_out"): _lt(
        "Press Sign In Again, and sign in with the account that sends. The emails "
        "wait in Odoo, which sends them at once after that."
    ),
    ("incoming", "off"): _lt(
        "Press Switch On: Odoo logs in, and collects again if that works."
    ),
    ("incoming", "pauses"): _lt(
        "New email stays safely in the mailbox, and collecting continues by itself. "
        "If that happens often, raise the number of routing lanes in the settings."
    ),
    ("incoming", "strange"): _lt(
        "An administrator confirms on the router whether this is the real database "
        "or a copy."
    ),
    ("outgoing", "strange"): _lt(
        "An administrator confirms on the router whether this is the real database "
        "or a copy."
    ),
    ("outgoing", "fails"): _lt(
        "Press Test: it says what is wrong and what to do. The emails wait in Odoo, "
        "which sends them when the server works again."
    ),
    ("outgoing", "off"): _lt(
        "Press Switch On: Odoo logs in, and sends again if that works. Or choose "
        "another outgoing server on the router."
    ),
    ("behind", "some"): _lt(
        "Press Test. If the mailbox can be read, the mail server drops connections "
        "or is very slow: ask whoever runs it. Nothing is lost."
    ),
    ("killed", "once"): _lt("A restart is harmless."),
    ("killed", "some"): _lt(
        "A restart is harmless. If it happens again, whoever runs Odoo should raise "
        "limit_time_real_cron and limit_memory_hard. Odoo puts aside an email that "
        "stops it three times."
    ),
    ("waiting", "some"): _lt("Is routing slow? Check the scheduled actions."),
    ("held", "some"): _lt("Decide what to do with them."),
    ("forwarding", "asks"): _lt(
        "Has somebody in your company set that up? Then press Confirm: a page of the "
        "provider opens, or the email with the code. When it is done, discard the "
        "email."
    ),
    ("forwarding", "unproven"): _lt(
        "Open it, and follow its link only if somebody in your company has just set up "
        "forwarding."
    ),
    ("failed", "some"): _lt("Open one to read why."),
    ("dead", "some"): _lt("Open them, read why, and press Retry."),
    ("complete", "missing"): _lt("Fetch them."),
    ("complete", "long_ago"): _lt("Check the mailbox now."),
    ("budget", "little_left"): _lt(
        "Email above the limit waits; email written by people goes first."
    ),
    ("budget", "used_up"): _lt(
        "Email above the limit waits; email written by people goes first."
    ),
    ("certificate", "ends"): _lt(
        "Whoever runs the mail server renews it: ask them, if it is not your provider."
    ),
    ("certificate", "expired"): _lt("Ask whoever runs the mail server to renew it."),
    ("junk", "some"): _lt(
        "Your customers' email may be in it. Let the router read it too: it holds "
        "spam, so that nothing gets lost."
    ),
    ("alarms", "many"): _lt(
        "Look at why they were stopped, and switch off the signs that are wrong for "
        "your email, or deliver suspicious email with a warning."
    ),
    ("trip", "lost"): _lt("See what happened to it."),
    ("headers", "strange"): _lt(
        "Email arrives as before, but Odoo may not trust your provider's verdicts on "
        "senders and spam. Look at the newest email in the Route Tester, and run a "
        "round trip test."
    ),
    ("proof", "hidden"): _lt(
        "A proxy or load balancer in front of the mail server seems to hide its "
        "clients. Have it pass their addresses on (PROXY protocol)."
    ),
    ("dns", "silent"): _lt(
        "Whoever runs this computer looks at its name servers (/etc/resolv.conf), and "
        "whether it may reach them by UDP and TCP, port 53."
    ),
    ("jobs", "off"): _lt(
        "Without them no email is collected, routed or sent. Press Switch On."
    ),
    ("jobs", "fails"): _lt(
        "Odoo switches off an action that fails for a week. Whoever runs the server "
        "should read its log."
    ),
    ("jobs", "late"): _lt(
        "Odoo does not run its scheduled actions: ask whoever runs the server to "
        "check its workers (max_cron_threads)."
    ),
    ("spf", "absent"): _lt(
        "In the DNS of the domain, set a TXT record for %(name)s: %(record)s If the "
        "help page of the provider that sends your email says something else, set that."
    ),
    ("spf", "several"): _lt(
        "In the DNS of the domain, put one TXT record for %(name)s in their place: "
        "%(record)s"
    ),
    ("spf", "everyone"): _lt(
        "In the DNS of the domain, change the TXT record of %(name)s to: %(record)s"
    ),
    ("spf", "dead"): _lt("Take it out of the TXT record of %(name)s: %(record)s"),
    ("spf", "many"): _lt(
        "Take out of the TXT record of %(name)s what does not send your email any "
        "more: %(record)s"
    ),
    ("spf", "lacks"): _lt(
        "In the DNS of the domain, change the TXT record of %(name)s to: %(record)s"
    ),
    ("dkim", "foreign"): _lt(
        "Switch DKIM on for the domain at the provider that sends your email; its help "
        "page says which record to set. Then run a round trip test."
    ),
    ("dkim", "no_key"): _lt(
        "In the DNS of the domain, set a record for %(name)s. The provider that sends "
        "your email tells its value."
    ),
    ("dkim", "revoked"): _lt(
        "Make a new key at the provider that sends your email, and set its record. "
        "Then run a round trip test."
    ),
    ("dmarc", "absent"): _lt(
        "In the DNS of the domain, set a TXT record for %(name)s: %(record)s Gmail and "
        "Yahoo ask for it from everybody who sends mailings."
    ),
    ("dmarc", "several"): _lt("Keep only one of the TXT records of %(name)s."),
    ("dmarc", "broken"): _lt(
        "In the DNS of the domain, change the TXT record of %(name)s to: %(record)s"
    ),
    ("engines", "silent"): _lt(
        "Whoever runs it starts it again; Odoo asks it every few minutes. Until then "
        "email goes on without it or waits, as its setting says (Spam and Forgery > "
        "Engines)."
    ),
    ("learning", "fails"): _lt(
        "Rspamd learns on the port of its controller, with its password; SpamAssassin "
        "if spamd was started with --allow-tell. Odoo tells it again every hour. Port "
        "0 says that it does not learn."
    ),
}

# item -> (method of the router, label, whether it changes or tries something).
BUTTONS = {
    "incoming": ("action_test_incoming", _lt("Test"), True),
    "outgoing": ("action_test_outgoing", _lt("Test"), True),
    "behind": ("action_test_incoming", _lt("Test"), True),
    "waiting": ("_open_waiting", _lt("Show"), False),
    "held": ("_open_held", _lt("Decide"), False),
    "forwarding": ("_confirm_forwarding", _lt("Confirm"), True),
    "failed": ("_open_failed", _lt("Show"), False),
    "dead": ("_open_dead", _lt("Show"), False),
    "complete": ("_make_complete", _lt("Fetch"), True),
    "trip": ("_go_round", _lt("Round Trip"), True),
    "headers": ("_open_strange", _lt("Look"), True),
    "junk": ("_read_junk", _lt("Read It Too"), True),
    "spf": ("_look_up_again", _lt("Look Again"), True),
    "dkim": ("_look_up_again", _lt("Look Again"), True),
    "dmarc": ("_look_up_again", _lt("Look Again"), True),
}

# (item, code): the same where the state of an item wants another button.
STATE_BUTTONS = {
    ("incoming", "off"): ("_switch_on_incoming", _lt("Switch On"), True),
    ("outgoing", "off"): ("_switch_on_outgoing", _lt("Switch On"), True),
    ("jobs", "off"): ("_switch_on_jobs", _lt("Switch On"), True),
    ("incoming", "signed_out"): ("_sign_in_incoming", _lt("Sign In Again"), True),
    ("outgoing", "signed_out"): ("_sign_in_outgoing", _lt("Sign In Again"), True),
    ("dkim", "unseen"): ("_go_round", _lt("Round Trip"), True),
    ("dkim", "foreign"): ("_go_round", _lt("Round Trip"), True),
    ("dkim", "revoked"): ("_go_round", _lt("Round Trip"), True),
}

PERIODS = {"minute": _lt("minute"), "hour": _lt("hour"), "day": _lt("day")}

# What the activity about a problem is called; the same words wherever it is found.
SUMMARIES = {
    "incoming": _lt("Mail cannot be collected"),
    "outgoing": _lt("Mail cannot be sent"),
    "behind": _lt("Email in the mailbox is not collected"),
    "killed": _lt("Collecting was stopped by force"),
    "waiting": _lt("Received mail waits too long"),
    "dead": _lt("Mail that could not be routed"),
    "forwarding": _lt("A forwarding is waiting to be confirmed"),
    "complete": _lt("Mail on the server that is not in Odoo"),
    "certificate": _lt("The certificate of a mail server expires soon"),
    "junk": _lt("Unread mail in the Junk folder"),
    "alarms": _lt("Wanted email is stopped as spam"),
    "jobs": _lt("Scheduled actions of the mail router do not run"),
    "engines": _lt("A program that judges email does not answer"),
    "learning": _lt("A program that judges email does not learn from decisions"),
}
