"""The nodes `left` and `right` in one process."""

import sys

from toys.toy import Toy

from vjepa2_node.run_nodes import run_nodes

if __name__ == "__main__":
    sys.exit(run_nodes(lambda: [Toy("left"), Toy("right")]))
