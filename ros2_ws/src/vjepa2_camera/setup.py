from setuptools import find_packages, setup

PACKAGE = "vjepa2_camera"

setup(
    name=PACKAGE,
    version="0.1.0",
    description="Camera node: cameras, videos and topics as pictures with capture stamps.",
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
            "camera = vjepa2_camera.camera_node:main",
        ]
    },
)
