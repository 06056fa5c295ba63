"""What a notebook imports to show things: views, figures, data."""
