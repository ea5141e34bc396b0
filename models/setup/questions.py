"""The questions about a mailbox that the settings and the setup assistant both ask:
the label and the help of each field, once."""

LOGIN = {
    "string": "Login Name",
    "help": "Only if the mail server wants a login other than the mailbox address.",
}
PASSWORD = {
    "help": "The mailbox's password, or an app password if the account has two-step "
    "verification. Odoo never shows it again: leave it empty to keep the stored one.",
}
DOMAIN = {"help": "What follows the @ in your company's addresses."}
INCOMING_TYPE = {
    "string": "Incoming Protocol",
    "default": "imap",
    "help": "How Odoo reads the mailbox. Choose IMAP wherever the provider offers "
    "it: POP3 has neither folders nor read marks.",
}
INCOMING_HOST = {
    "string": "Incoming Server Name",
    "help": "The name of the server from which mail is read. Your provider's help page "
    "lists it as IMAP or incoming server.",
}
OUTGOING_HOST = {
    "string": "Outgoing Server Name",
    "help": "The name of the server through which mail is sent. Your provider's help "
    "page lists it as SMTP or outgoing server.",
}
