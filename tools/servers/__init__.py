"""The servers we talk to: mailboxes, name servers, providers.

May call ``mail``.
"""
