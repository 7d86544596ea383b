"""Measurements that take minutes or a real browser; docs/performance.md has what they gave."""
