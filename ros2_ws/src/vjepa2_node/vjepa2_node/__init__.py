"""What all nodes share: parameters, life cycle, worker threads, stamps."""
