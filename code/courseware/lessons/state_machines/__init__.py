"""What lesson 15 shows besides the library: the care desk, its table, and a view to play it in."""
