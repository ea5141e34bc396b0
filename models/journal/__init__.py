"""What is written down of a mail: the message, its deliveries, why it ended so.

May call ``tools`` and the rooms of models/ itself. The mixins
``mail_catchall_by_hour``, ``mail_catchall_evidence`` and ``mail_catchall_discussed``
are imported before the models that inherit them.
"""

# ruff: isort: skip_file
from . import (
    mail_catchall_by_hour,
    mail_catchall_evidence,
    mail_catchall_discussed,
    mail_catchall_message,
    mail_catchall_delivery,
    mail_catchall_tag,
    mail_catchall_words,
    message_fingerprint,
    message_conversation,
    message_words,
    message_keep,
    message_why,
    mail_message,
)
