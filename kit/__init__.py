"""Domain-free building blocks that tenants, billing and app share. Imports nothing of ours; a file enters with its second user."""
