"""What a host has and lacks for this stack: one check a file, and how they are run."""
