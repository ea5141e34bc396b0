from . import addresses, digest, headers, mailbox, recipients, words
