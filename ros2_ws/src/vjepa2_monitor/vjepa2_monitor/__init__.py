"""Records runs, replays their plans, and shows the stack on a web page on localhost."""
