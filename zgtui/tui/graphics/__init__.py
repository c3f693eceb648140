"""Charts as pictures of pixels, for terminals that show Sixel or Kitty graphics."""
