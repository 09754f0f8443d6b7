"""Files on their way into the facts: recognised, shown for confirmation, read row by row, merged; rejects can be downloaded.

Tables: imports, import_mappings, import_staging. Web: /w/{workspace}/imports…; API: /api/v1/imports…
Path: pages|api.upload → service.receive (stored, sniffed, a mapping suggested) → service.confirm → enqueue(RunImport) → tasks →
running.run_import (rows → staging → campaigns.facts.merge_staged, one transaction) → rejects file → page.
"""
