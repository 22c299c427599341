"""Camera node: cameras, videos and topics as pictures with capture stamps."""
