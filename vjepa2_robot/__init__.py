"""Arms: what one is, what it may do, and the driver of a Franka."""
