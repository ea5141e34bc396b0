"""The process and the transaction we run in: locks, time, memory.

Imports nothing of the other rooms.
"""
