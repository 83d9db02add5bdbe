"""One pass: pulling, reading again, judging, carrying out."""
