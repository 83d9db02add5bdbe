"""History judged again: backtests, comparisons, what the systems showed so far."""
