# syntax=docker/dockerfile:1
# The host beside the arm: camera and Franka bridge. No torch.

FROM ros:jazzy-ros-base-noble AS builder
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# Versions are not pinned: Ubuntu's and ROS's archives drop older ones, and a pin would soon fail.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        cmake g++ make python3-dev python3-venv \
        ros-jazzy-ament-cmake ros-jazzy-rosidl-default-generators \
    && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv --system-site-packages /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /opt/vjepa2
COPY requirements.txt vjepa2/doctor/robot_packages.txt ./
RUN pip install --no-cache-dir --requirement robot_packages.txt --constraint requirements.txt
COPY . .
RUN pip install --no-cache-dir --no-deps . \
    && . /opt/ros/jazzy/setup.bash \
    && python3 -m colcon build --base-paths ros2_ws/src --install-base /opt/ws \
        --cmake-args -DBUILD_TESTING=OFF

FROM ros:jazzy-ros-core-noble
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libusb-1.0-0 python3-venv \
        ros-jazzy-ament-index-python ros-jazzy-builtin-interfaces ros-jazzy-diagnostic-msgs \
        ros-jazzy-launch ros-jazzy-launch-ros ros-jazzy-lifecycle-msgs ros-jazzy-rcl-interfaces \
        ros-jazzy-rclpy ros-jazzy-rmw-fastrtps-cpp ros-jazzy-rosidl-default-runtime \
        ros-jazzy-sensor-msgs ros-jazzy-service-msgs ros-jazzy-std-msgs \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 vjepa2 \
    && install -d -o vjepa2 /home/vjepa2/.ros
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /opt/ws /opt/ws
COPY --chmod=755 docker/entrypoint /usr/local/bin/entrypoint
ENV PATH=/opt/venv/bin:$PATH
USER 10001
WORKDIR /home/vjepa2
ENTRYPOINT ["entrypoint"]
CMD ["vjepa2", "doctor", "--part", "robot"]
