//! The machine.

use super::{Input, Output, Plan};
use std::collections::VecDeque;
use std::time::Duration;

/// The life of one probe. One input, then drain outputs.
#[derive(Debug, Clone)]
pub struct Machine {
    /// What is to be done.
    plan: Plan,
    /// What is to be done next.
    outputs: VecDeque<Output>,
}

impl Machine {
    /// A machine that has not started: it waits for [`Input::Start`].
    pub fn new(plan: Plan) -> Self {
        Self { plan, outputs: VecDeque::new() }
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Takes one input; afterwards [`poll_output`](Self::poll_output) must be called until it gives nothing, and then
    /// [`next_wakeup`](Self::next_wakeup). `now` is the time since the run began and never goes back.
    pub fn handle(&mut self, _input: Input, _now: Duration) {}

    /// The next thing to be done; `None` until the next input.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Timer`] is due, since the run began; may change with every input.
    pub fn next_wakeup(&self) -> Option<Duration> {
        None
    }
}
