"""What a mail is: its bytes, its parts and the words in them.

Imports nothing of the other rooms.
"""
