"""The web's building blocks: what a route declares about its access, problems, pages and their fragments, security headers."""
