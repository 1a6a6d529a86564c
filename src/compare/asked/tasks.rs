//! The tasks that ask, one a side: every side has a result, also one whose task is gone.
//!
//! A side without a result must never look like one that holds nothing.

use crate::compare::snapshot::SideError;
use std::collections::HashMap;
use std::future::Future;
use tokio::task::{Id, JoinSet};

/// Tasks by the side that each of them asks.
pub(super) struct Tasks<T> {
    /// Those that run.
    running: JoinSet<Result<T, SideError>>,
    /// Their sides.
    sides: HashMap<Id, usize>,
}

impl<T> Default for Tasks<T> {
    fn default() -> Self {
        Self { running: JoinSet::new(), sides: HashMap::new() }
    }
}

impl<T: Send + 'static> Tasks<T> {
    /// Begins to ask this side.
    pub(super) fn spawn(&mut self, side: usize, work: impl Future<Output = Result<T, SideError>> + Send + 'static) {
        self.sides.insert(self.running.spawn(work).id(), side);
    }

    /// The next side that has a result; a task that panicked is a failure of its side. `None` when all had theirs.
    ///
    /// # Cancel safety
    /// Nothing is lost when this is dropped and called again.
    pub(super) async fn next(&mut self) -> Option<(usize, Result<T, SideError>)> {
        loop {
            let (id, result) = match self.running.join_next_with_id().await? {
                Ok((id, result)) => (id, result),
                Err(error) => (error.id(), Err(SideError::Fault)),
            };
            if let Some(side) = self.sides.remove(&id) {
                return Some((side, result));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tasks;
    use crate::compare::snapshot::SideError;

    #[tokio::test]
    async fn v2_a_side_whose_task_is_gone_has_failed_and_shifts_no_other() {
        let mut tasks = Tasks::default();
        for side in [4, 5, 6] {
            tasks.spawn(side, async move {
                assert_ne!(side, 5, "a fault of this program");
                Ok(side)
            });
        }
        let mut results = Vec::new();
        while let Some(result) = tasks.next().await {
            results.push(result);
        }
        results.sort_by_key(|(side, _)| *side);
        assert!(matches!(results[..], [(4, Ok(4)), (5, Err(SideError::Fault)), (6, Ok(6))]), "{results:?}");
    }
}
