"""What the route tester says of a mail's headers, in words."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# What told which servers are the provider's.
RULES = {
    "profile": _lt(
        "The headers of this mailbox's provider are known (%(profile)s), and the "
        "topmost Received line is from one of its servers."
    ),
    "strange": _lt(
        "The headers of this mailbox's provider are known (%(profile)s), but the "
        "topmost Received line is not from one of its servers: Odoo reads the email "
        "like one from an unknown provider."
    ),
    "hosts": _lt("The provider's mail servers are those that the router knows."),
    "topmost": _lt(
        "Nothing is known about this provider's headers: the topmost line Received "
        "tells which servers are its own."
    ),
}
# Where what the provider's servers wrote ends, and why there.
BORDERS = {
    "edge": _lt(
        "The border of trust is line %(line)s: there %(host)s received the email from "
        "outside, from %(sender)s. The sender may have written everything below it."
    ),
    "outside": _lt(
        "The border of trust is line %(line)s: there %(host)s received the email from "
        "%(sender)s, which is not known as a server of your provider. The sender may "
        "have written everything below it."
    ),
    "program": _lt(
        "The border of trust is line %(line)s: a program on %(host)s wrote the email, "
        "and everything below it comes from that program."
    ),
    "foreign": _lt(
        "No Received line is from a server that the router knows: Odoo trusts only "
        "what is above the first one (lines: %(line)s)."
    ),
    "none": _lt("No mail server wrote a Received line: Odoo trusts all lines."),
}
UNKNOWN_SENDER = _lt("somebody")

# What was found out.
FOUND = {
    "recipient": _lt("Your provider says that the email was for %(addresses)s."),
    "no_recipient": _lt(
        "Your provider does not say for whom the email was. To and Cc name "
        "%(addresses)s."
    ),
    "nobody": _lt("No line says for whom the email was."),
    "colleague": _lt("Your provider says that a colleague sent the email."),
    "real": _lt("Your provider says that the sender is real (%(results)s)."),
    "forged": _lt("Your provider says that the sender is not proven (%(results)s)."),
    "unchecked": _lt("No trusted line says whether the sender is real."),
    "spam": _lt("These headers call the email spam: %(headers)s."),
    "no_spam": _lt("No header that Odoo reads calls the email spam."),
    "network": _lt("The email came from the network %(network)s."),
    "no_network": _lt("No trusted line names the network that the email came from."),
}

# Whose a line is.
WHOSE = {
    "own": _lt("Your provider's"),
    "edge": _lt("Your provider's, at the border"),
    "unsure": _lt("Your provider's or the sender's"),
    "outside": _lt("Written earlier, by others"),
}
# What a line counts for, or why it does not.
COUNTS = {
    "recipient": _lt("Trusted: it says for whom the email was."),
    "verdict": _lt("Trusted: it says whether the sender is real."),
    "colleague": _lt("Trusted: it says that a colleague sent the email."),
    "condemns": _lt("It calls the email spam."),
    "acquits": _lt("Trusted: it says that the email is not spam."),
    "doubted": _lt("Not enough to clear the email: the sender may have written it."),
    "verdict_doubted": _lt(
        "Trusted only where it speaks against the sender, who may have written it."
    ),
    "score": _lt("Its score counts if the router has a spam threshold."),
    "recipient_below": _lt("Not trusted: it is below the border."),
    "verdict_below": _lt("Not trusted: it is below the border."),
    "spam_below": _lt("Not read: servers of others may have written it."),
    "recipient_unused": _lt(
        "Not needed: a more reliable line decides, or the address is not on your "
        "domains."
    ),
    "verdict_unused": _lt("Not trusted: it has the name of another server."),
}
# How the lines of the table look: the border, what counts, what might have.
BELIEVED = ("recipient", "verdict", "colleague", "acquits", "condemns")
REFUSED = (
    "recipient_below",
    "verdict_below",
    "spam_below",
    "doubted",
    "verdict_doubted",
)
