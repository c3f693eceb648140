"""The widgets of the app; they know nothing of processes."""
