"""What is said to the sender of a mail: acknowledgements, answers, forwards.

May call ``journal`` and ``route``.
"""

# ruff: isort: skip_file
from . import (
    mail_catchall_answer,
    message_answer,
    message_acknowledge,
    message_forward,
    mail_alias,
)
