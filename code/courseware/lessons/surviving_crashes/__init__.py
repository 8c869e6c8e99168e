"""Hold lesson 06: a bank, an order that charges it, and pictures of crashes."""
