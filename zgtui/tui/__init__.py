"""The Textual app. It never imports torch."""
