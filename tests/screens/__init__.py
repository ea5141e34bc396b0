"""Tests of what a person sees: views, tours, translations, help."""

from . import (
    test_apps_page,
    test_forms,
    test_held_menu,
    test_help,
    test_messages_tours,
    test_sending_tours,
    test_setup_tour,
    test_tours,
    test_translations,
    test_triage_tours,
    test_trip_tours,
    test_vietnamese,
    test_views,
)
