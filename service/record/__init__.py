"""What was judged, on record: verdicts, what they rest on, restatements, the audit."""
