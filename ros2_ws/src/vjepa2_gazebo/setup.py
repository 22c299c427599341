from glob import glob

from setuptools import find_packages, setup

PACKAGE = "vjepa2_gazebo"

setup(
    name=PACKAGE,
    version="0.1.0",
    description="The simulated table for Gazebo: world, bridge configuration, launch file.",
    license="Apache-2.0",
    maintainer="V-JEPA 2-AC control stack maintainers",
    maintainer_email="maintainers@vjepa2-robot-stack.invalid",
    packages=find_packages(),
    package_data={PACKAGE: ["py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (f"share/{PACKAGE}", ["package.xml"]),
        (f"share/{PACKAGE}/worlds", sorted(glob("worlds/*.sdf"))),
        (f"share/{PACKAGE}/config", sorted(glob("config/*.yaml"))),
        (f"share/{PACKAGE}/launch", sorted(glob("launch/*.launch.py"))),
    ],
    zip_safe=False,
)
