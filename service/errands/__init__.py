"""What a person orders outside passes: a kept plan applied, a run taken back."""
