"""The data plane: what happens inside one workspace, slice by slice, and the edges that serve it (web, worker, scheduler, CLI)."""
