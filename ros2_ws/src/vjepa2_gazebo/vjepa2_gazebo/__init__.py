"""The simulated table for Gazebo, written from the MuJoCo scene."""
