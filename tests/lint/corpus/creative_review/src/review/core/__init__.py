"""Namespace of the rules that reviews follow."""
