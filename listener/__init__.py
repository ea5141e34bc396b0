"""The process behind ``odoo catchall_listen``: one loop for all mailboxes."""
