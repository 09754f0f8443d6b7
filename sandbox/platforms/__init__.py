"""The advertising platforms and shops that the sandbox plays, one module each: their real wire protocol over a made-up world."""
