"""What can be wrong with an installation."""
