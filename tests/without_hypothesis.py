"""What strategies.py offers where hypothesis is not installed.

Odoo imports the tests of every installed addon before it runs the first one, so that a
package missing there would end the whole run. Here the property tests are skipped, each
with its reason, and the plain tests beside them run.
"""

import unittest

REASON = "hypothesis is not installed (see dev/requirements-test.txt)"


class Nothing:
    """Stand where strategies would: whatever is made of it is the same again."""

    def __call__(self, *_arguments, **_options):
        return self

    def __getattr__(self, _name):
        return self

    def __or__(self, _other):
        return self

    def __iter__(self):
        return iter(())


HealthCheck = Phase = st = Nothing()


def given(*_strategies, **_named):
    """Return a decorator that skips a property test, with the reason."""
    return unittest.skip(REASON)


def settings(**_values):
    """Return a decorator that leaves a test as it is."""
    return lambda test: test
