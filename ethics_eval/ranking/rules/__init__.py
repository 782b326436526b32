"""From a frozen snapshot to scores, places and the bottom list: pure rules."""
