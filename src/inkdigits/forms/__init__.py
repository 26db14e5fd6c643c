"""Filled-in forms: a template of named fields, where they are on a scan, what they say."""
