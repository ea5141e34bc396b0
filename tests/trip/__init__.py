"""Tests of models/trip."""

from . import test_mail_catchall_trip, test_router_learnt
