"""Loss tables: how they are written, and how they and other people's are read back."""
