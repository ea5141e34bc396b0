"""What we say, under whose name and how often, and what servers reply.

May call ``mail`` and ``runtime``.
"""
