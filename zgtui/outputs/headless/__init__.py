"""Training and maps without the app: what is printed meanwhile and at the end."""
