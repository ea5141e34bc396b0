"""Judges what is known: health, alerts, the round trip.

May call ``mail``, ``inbound`` and ``outbound``.
"""
