"""What orchestrators reach: told from the code alone, nothing of which is run or imported."""
