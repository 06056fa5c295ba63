"""The small worlds of the chapters: a photo catalogue and a sentence, each with readable numbers."""
