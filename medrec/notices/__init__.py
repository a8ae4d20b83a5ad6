"""Notices: whom, when, what; one a day for each patient and receiver; receipts, answers, escalation, closing."""
