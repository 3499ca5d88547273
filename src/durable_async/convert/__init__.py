"""Where values become bytes. Invariant: stored data only ever builds what an annotation names."""
