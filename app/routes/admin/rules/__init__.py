"""The rule builder: the list, a rule with its revisions, and the form that writes the next one."""
