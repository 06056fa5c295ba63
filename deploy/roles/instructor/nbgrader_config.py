"""nbgrader for an instructor, in whatever folder it starts: the course's own configuration."""

load_subconfig("/srv/tensors-to-memory/nbgrader_config.py")  # noqa: F821 (Jupyter puts it there)
