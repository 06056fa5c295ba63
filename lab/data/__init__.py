"""The small worlds of the chapters: a photo catalogue and a sentence, in readable numbers."""
