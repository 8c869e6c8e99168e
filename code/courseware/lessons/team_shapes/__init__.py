"""Hold what lesson 11 shows besides the library: the crew and the comparison."""
