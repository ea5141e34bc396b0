"""Our own proof of who wrote a mail: SPF, DKIM, ARC and DMARC.

Nothing here asks a name server: what a check needs to know it asks a `Book`, which
knows what was asked before and notes what is still to be asked.
"""
