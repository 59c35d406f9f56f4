"""The experiments of tests/bench/measure, one file each, and what they share."""
