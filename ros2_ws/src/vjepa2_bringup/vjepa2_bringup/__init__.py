"""The node table, the runner that starts it without ros2 launch, and launch files."""
