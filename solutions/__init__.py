"""The reference: every function and class that a learner writes, as importable modules."""
