"""Small managed nodes, run as processes: they write down what is done with them."""
