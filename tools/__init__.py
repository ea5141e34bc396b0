from . import (
    addresses,
    diagnosis,
    digest,
    headers,
    identity,
    mailbox,
    mime,
    recipients,
    words,
)
