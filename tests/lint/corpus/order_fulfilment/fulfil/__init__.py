"""Order fulfilment for the two distribution centres."""
