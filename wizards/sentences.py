"""What the route tester says of a mail's headers, in words."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# What told which servers are the provider's.
RULES = {
    "profile": _lt(
        "The headers of this mailbox's provider are known (%(profile)s), and the "
        "topmost line Received is of its servers."
    ),
    "strange": _lt(
        "The headers of this mailbox's provider are known (%(profile)s), but the "
        "topmost line Received is of none of its servers: the mail is read like that "
        "of an unknown provider."
    ),
    "hosts": _lt("The provider's mail servers are those that the router knows."),
    "topmost": _lt(
        "Nothing is known of this provider's headers: the topmost line Received tells "
        "which servers are its own."
    ),
}
# Where what the provider's servers wrote ends, and why there.
BORDERS = {
    "edge": _lt(
        "The border of trust is line %(line)s: there %(host)s took the mail in from "
        "outside, from %(sender)s. The sender may have written whatever stands below."
    ),
    "outside": _lt(
        "The border of trust is line %(line)s: there %(host)s had the mail from "
        "%(sender)s, which is not known as a server of your provider. The sender may "
        "have written whatever stands below."
    ),
    "program": _lt(
        "The border of trust is line %(line)s: a program on %(host)s has written the "
        "mail, and whatever stands below is that program's word."
    ),
    "foreign": _lt(
        "No line Received is of a server that the router knows: only what stands above "
        "the first one is believed, %(line)s lines."
    ),
    "none": _lt("No mail server has written a line Received: all of it is believed."),
}
UNKNOWN_SENDER = _lt("somebody")

# What was found out.
FOUND = {
    "recipient": _lt("Your provider says that it was for %(addresses)s."),
    "no_recipient": _lt(
        "Your provider does not say for whom it was: To and Cc tell, %(addresses)s."
    ),
    "nobody": _lt("No line says for whom it was."),
    "colleague": _lt("Your provider says that a colleague has sent it."),
    "real": _lt("Your provider says that its sender is real (%(results)s)."),
    "forged": _lt("Your provider says that its sender is not proven (%(results)s)."),
    "unchecked": _lt("Nobody who is believed says whether its sender is real."),
    "spam": _lt("It is called spam: %(headers)s."),
    "no_spam": _lt("Nothing that is read calls it spam."),
    "network": _lt("It came from the network %(network)s."),
    "no_network": _lt("Nothing that is believed names the network that it came from."),
}

# Whose a line is.
WHOSE = {
    "own": _lt("Your provider's"),
    "edge": _lt("Your provider's, at the border"),
    "unsure": _lt("Your provider's or the sender's"),
    "outside": _lt("Written before"),
}
# What a line counts for, or why it does not.
COUNTS = {
    "recipient": _lt("Believed: it says for whom the mail was."),
    "verdict": _lt("Believed: it says whether the sender is real."),
    "colleague": _lt("Believed: it says that a colleague has sent the mail."),
    "condemns": _lt("It calls the mail spam."),
    "acquits": _lt("Believed: it does not call the mail spam."),
    "doubted": _lt(
        "Not enough to call the mail clean: the sender may have written it."
    ),
    "score": _lt("Its score counts if the router has a limit for it."),
    "recipient_below": _lt("Not believed: it stands below the border."),
    "verdict_below": _lt("Not believed: it stands below the border."),
    "spam_below": _lt("Not read: another company's servers may have written it."),
    "recipient_unused": _lt(
        "Not needed: a surer line tells, or the address is none of your domains."
    ),
    "verdict_unused": _lt("Not believed: it bears another server's name."),
}
# How the lines of the table look: the border, what counts, what might have.
BELIEVED = ("recipient", "verdict", "colleague", "acquits", "condemns")
REFUSED = ("recipient_below", "verdict_below", "spam_below", "doubted")
