"""What senders and their servers say: recipients, verdicts, bounces, loops, rules.

May call ``mail`` and ``servers``.
"""
