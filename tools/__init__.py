from . import (
    addresses,
    authentication,
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
