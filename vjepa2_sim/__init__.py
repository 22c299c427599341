"""Table-top simulation of a Franka FR3: scene, camera, drivers, collection and tasks.

Import it before `mujoco`, which looks only once, at its import, for how to render.
"""

import os

os.environ.setdefault("MUJOCO_GL", "egl")
