use crate::journal::Journal;
use crate::run::Run;
use crate::{Error, Logs, Result, SaveStrategy, best};

/// Compares an evaluation with the best so far and tells schedules that follow a metric.
pub(super) fn after_evaluation(journal: &mut Journal, run: &mut Run, metrics: &Logs) -> Result<()> {
    let improved = best::improved(&journal.args, metrics, &mut journal.state.best_metric)?;
    if improved && journal.args.save_strategy != SaveStrategy::No {
        journal.state.best_global_step = Some(journal.state.global_step);
    }
    if journal.args.save_strategy == SaveStrategy::Best {
        journal.callbacks.control.should_save = improved;
    }
    if run.schedule.follows_metric()
        && let Some(metric) = journal.args.effective_metric_for_best_model()
    {
        let name = best::eval_name(metric);
        let value = metrics.get_f64(&name).ok_or_else(|| {
            Error::missing_metric("the schedule follows a metric", &name, metrics)
        })?;
        let groups = run.optimizer.param_groups_mut();
        run.schedule.step_metric(groups, value)?;
    }
    Ok(())
}
