class Failure(Exception):
    """An experiment that can't go on, in words for whoever runs it."""
