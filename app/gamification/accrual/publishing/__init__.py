"""The life of a rule: draft, proposed, published as an immutable revision, retired."""
