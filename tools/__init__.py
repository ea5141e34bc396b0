"""What the addon knows without Odoo: pure, typed Python that imports no ``odoo``.

mail      what a mail is: its bytes and the words in it
inbound   what senders and their servers say
outbound  what we say, under whose name, how often
servers   mailboxes, name servers, providers
watch     whether all is well
runtime   locks, time, memory: the process and the transaction

``mail`` and ``runtime`` import nothing of the others.
"""
