"""Tests of models/answer."""

from . import test_message_acknowledge, test_message_answer, test_message_forward
