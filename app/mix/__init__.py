"""Deciding where money goes: attribution (mix model), forecast and budget plans, each a job whose result is kept and re-opened.

Tables: model_runs, lift_tests. Web: /w/{workspace}/attribution, /forecast, /budget; API: /api/v1/attribution/runs, forecasts, budget/*,
mix/self-tests, mix/lift-tests (what experiments found: `lift_*`), attribution/paths (touch paths beside claims and the mix model, page /attribution/paths: `path_*`),
campaigns/{id}/optimize (one campaign's daily budget: `campaign_*`).
The analyst's page /attribution/model is `model_pages`, `model_form` and `model_options`. Events: RunFinished (`events`).
Jobs: mix.run_model, mix.build_sample (what plans without these pages see; `sample.enqueue_sample` asks for it).
Path: pages|api.start → service.start_run (same request on the same data: the stored run) → enqueue(RunModel) → tasks →
running.run_model (frames from queries, numbers from ml/; a first look is kept on the way) → model_runs.result → showing → views (words, charts) → templates/mix.
"""
