from glob import glob

from setuptools import find_packages, setup

PACKAGE = "vjepa2_bringup"

setup(
    name=PACKAGE,
    version="0.1.0",
    description="The node table, the runner that starts it without ros2 launch, and launch files.",
    license="Apache-2.0",
    maintainer="V-JEPA 2-AC control stack maintainers",
    maintainer_email="maintainers@vjepa2-robot-stack.invalid",
    packages=find_packages(),
    package_data={PACKAGE: ["py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (f"share/{PACKAGE}", ["package.xml"]),
        # Links to the folders at the top of the repository.
        (f"share/{PACKAGE}/launch", sorted(glob("launch/*.launch.py"))),
        (f"share/{PACKAGE}/config", sorted(glob("config/*.yaml") + glob("config/*.xml"))),
        (f"share/{PACKAGE}/config/tasks", sorted(glob("config/tasks/*.yaml"))),
    ],
    zip_safe=False,
    entry_points={
        "console_scripts": [
            "lifecycle_manager = vjepa2_bringup.lifecycle_manager:main",
        ]
    },
)
