"""Lessons at the desk: the list with its order, the form with its questions, the preview, how they do."""
