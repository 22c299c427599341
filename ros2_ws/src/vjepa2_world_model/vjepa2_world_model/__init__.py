"""World model node: V-JEPA 2-AC behind services, and its client."""
