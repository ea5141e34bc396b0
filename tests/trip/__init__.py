"""Tests of models/trip."""

from . import test_mail_catchall_trip
