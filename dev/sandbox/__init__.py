"""The development sandbox: a private PostgreSQL, mail server and Odoo 19.

Everything here runs on the Python standard library alone, because it is what
builds the virtual environment that everything else needs.
"""
