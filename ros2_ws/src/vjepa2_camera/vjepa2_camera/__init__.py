"""Camera node: real cameras, videos and other nodes' topics as pictures with capture stamps."""
