"""Pages of the law packs: all of them side by side, each with its revisions and draft, and the bench."""
