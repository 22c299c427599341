from setuptools import find_packages, setup

PACKAGE = "vjepa2_planning"

setup(
    name=PACKAGE,
    version="0.1.0",
    description="Planner, sequencer and calibrator nodes.",
    license="Apache-2.0",
    maintainer="V-JEPA 2-AC control stack maintainers",
    maintainer_email="maintainers@vjepa2-robot-stack.invalid",
    packages=find_packages(),
    package_data={PACKAGE: ["py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (f"share/{PACKAGE}", ["package.xml"]),
    ],
    zip_safe=False,
    entry_points={
        "console_scripts": [
            "planner = vjepa2_planning.planner_node:main",
            "sequencer = vjepa2_planning.sequencer_node:main",
            "calibrator = vjepa2_planning.calibrator_node:main",
            "composed = vjepa2_planning.composed:main",
        ]
    },
)
