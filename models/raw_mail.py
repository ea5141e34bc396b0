from odoo import fields


class RawMail(fields.Binary):
    """A binary column that is written as plain text, which its base64 is.

    The way of other binary columns, ``psycopg2.Binary``, writes two letters for each
    byte: the statement, and the memory it takes, would be twice as large.
    """

    def convert_to_column(self, value, record, values=None, validate=True):
        if not value:
            return None
        return value if isinstance(value, str) else bytes(value).decode("ascii")
