"""Camera node: V4L2 devices and video files as image topics with capture stamps."""
