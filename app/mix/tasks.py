"""What the model worker does."""

from typing import Any

from app.mix.jobs import BuildSample, RunModel
from app.mix.running import RunContext, run_model
from app.mix.sample import build_sample
from app.mix.service import keep_first_look
from kit.clock import today_in
from kit.db import begin_beside
from kit.jobs import JobContext, handles


@handles(RunModel)
def run(context: JobContext, job: RunModel) -> dict[str, str]:
    """Compute the run. Safe to run twice: the outcome is a function of the data and overwrites itself."""

    def keep(result: dict[str, Any]) -> None:
        with begin_beside(context.session) as beside:
            keep_first_look(beside, job.run_id, result)

    outcome = run_model(
        context.session,
        run_id=job.run_id,
        context=RunContext(
            currency=job.currency,
            today=today_in(job.timezone),
            progress=context.progress,
            first_look=keep,
            timezone=job.timezone,
        ),
    )
    return {"run_id": str(outcome.id), "state": outcome.state}


@handles(BuildSample)
def sample(context: JobContext, job: BuildSample) -> None:  # noqa: ARG001 - it carries nothing
    """Compute and store the sample. Safe to run twice: the seed is fixed, the file is replaced as a whole."""
    build_sample(context.resources.storage, progress=context.progress)
