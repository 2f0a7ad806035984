"""What a partner sees of its money: statements and their lines, orders with what became of them, one order's life."""
