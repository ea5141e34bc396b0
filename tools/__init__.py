from . import (
    addresses,
    automatic,
    bounces,
    diagnosis,
    digest,
    headers,
    identity,
    mailbox,
    mime,
    recipients,
    words,
)
