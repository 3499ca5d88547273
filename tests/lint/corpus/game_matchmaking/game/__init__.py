"""Matchmaking: players queue up in entities, orchestrators make matches."""
