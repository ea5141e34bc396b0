from . import addresses, diagnosis, digest, headers, identity, mailbox, recipients, words
