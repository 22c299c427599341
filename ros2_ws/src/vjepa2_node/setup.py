from setuptools import find_packages, setup

PACKAGE = "vjepa2_node"

setup(
    name=PACKAGE,
    version="0.1.0",
    description="What all nodes share: parameters, life cycle, worker threads, stamps.",
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
)
