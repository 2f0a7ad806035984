"""Pages of the office that span rooms: home, one partner whole, search, the trail."""
