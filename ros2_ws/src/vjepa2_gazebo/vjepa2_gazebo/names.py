"""Names inside Gazebo, which the bridge's configuration ties to those of the ROS graph."""

WORLD = "table"
ROBOT = "fr3"
CLOCK = "/clock"
IMAGE = "/camera/image"
JOINT_STATES = f"/{ROBOT}/joint_states"
JOINT_TARGET = f"/{ROBOT}/{{joint}}/target"
"""Of each joint, by its name."""
