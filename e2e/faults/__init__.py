"""What the tests share that break the system: mails, ledger, faults."""
