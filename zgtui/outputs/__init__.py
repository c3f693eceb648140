"""What follows a log beside training: tables, TensorBoard, a window, pictures."""
