"""The front of the house: landing page, onboarding checklist, style guide, health, and how the shell around every page is built.

Web: / /w/{workspace}/start /styleguide; operations: /health /health/live /health/ready /health/detailed /health/metrics.
"""
