"""The control plane's people and places: who may sign in (`identity`), where they work (`workspaces`), and what keeps one
workspace's data out of another's reach (`isolation`). Tables live in the shared schema `control`."""
