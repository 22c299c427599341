"""Points the CMake files of the ROS 2 wheels to this environment's headers.

They carry the include paths of the machine that built the wheels.
"""

import re
import sys
import sysconfig
from pathlib import Path

import numpy

BUILT_AT = r"/opt/python/cp\d+-cp\d+"
REPLACEMENTS = {
    rf"{BUILT_AT}/lib/python3\.\d+/site-packages/numpy/_core/include": numpy.get_include(),
    rf"{BUILT_AT}/include/python3\.\d+": sysconfig.get_path("include"),
}

for file in (Path(sys.prefix) / "share").rglob("*.cmake"):
    text = file.read_bytes().decode(errors="surrogateescape")
    relocated = text
    for pattern, here in REPLACEMENTS.items():
        relocated = re.sub(pattern, lambda _, here=here: here, relocated)
    if relocated != text:
        file.write_bytes(relocated.encode(errors="surrogateescape"))
