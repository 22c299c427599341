from setuptools import find_packages, setup

PACKAGE = "vjepa2_monitor"

setup(
    name=PACKAGE,
    version="0.1.0",
    description="Records runs, replays their plans, shows the stack on a web page on localhost.",
    license="Apache-2.0",
    maintainer="V-JEPA 2-AC control stack maintainers",
    maintainer_email="maintainers@vjepa2-robot-stack.invalid",
    packages=find_packages(),
    package_data={PACKAGE: ["py.typed", "page/*"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (f"share/{PACKAGE}", ["package.xml"]),
    ],
    zip_safe=False,
    entry_points={
        "console_scripts": [
            "recorder = vjepa2_monitor.recorder_node:main",
            "dashboard = vjepa2_monitor.dashboard_node:main",
        ]
    },
)
