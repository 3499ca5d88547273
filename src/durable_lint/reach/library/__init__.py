"""Functions of libraries whose flow is known: what they call, and what comes out of them."""
