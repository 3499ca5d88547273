"""Post-trade: matching, netting, settlement."""
