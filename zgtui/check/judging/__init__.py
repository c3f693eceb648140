"""What is wrong with what was recorded: the rules, and what they have in common."""
