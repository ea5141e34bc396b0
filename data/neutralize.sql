-- A copy for tests leaves the mailbox and the account of the original alone. Odoo's own
-- script has switched the servers and the scheduled actions off.
UPDATE mail_catchall_router
   SET active = false, health_token_hash = NULL, health_token_date = NULL,
       intake_token_hash = NULL, intake_token_date = NULL;
-- its engines would be shown, and taught by, the mail of a test
DELETE FROM mail_catchall_engine;
-- the addresses that the original has given to customers are not this database's
DELETE FROM ir_config_parameter
 WHERE key IN ('mail_catchall_router.signing_keys', 'mail_catchall_router.signing_id');
-- nothing is on its way to a server of the original any more
DELETE FROM mail_catchall_wake;
DELETE FROM mail_catchall_copy;
