//! What does not fit into memory, and when it goes into runs.
//!
//! All of it in small steps, one after so many octets that came in: whoever feeds the differ has a server waiting that
//! does not wait long. First the merge ends, if it has not given up before: what waits in it may be all that there is,
//! and of what went into a run nothing can cancel before the end, so from then on everything is held and nothing
//! forgotten. Holdings that have grown too large are sealed, and written slice by slice while new ones take what comes
//! in. Runs that have become many are joined into one in the same way, slice by slice, whenever nothing waits to be
//! written.

use super::arena::At;
use super::differ::Differ;
use super::holdings::Holdings;
use super::leftovers::hash_of;
use super::merge::Merge;
use super::spill::{Joining, OctetWriter, Run, RunWriter};
use super::{DiffError, RunStore};
use std::sync::Arc;

/// What is in runs, or on its way there.
#[derive(Debug, Default)]
pub(super) struct Spilled {
    /// Where runs are, if there may be any.
    pub(super) store: Option<Arc<dyn RunStore>>,
    /// The sorted runs.
    pub(super) runs: Vec<Run>,
    /// The number of the last one.
    last: u32,
    /// The merge that has ended, while anything waits in it.
    ending: Option<Merge>,
    /// Holdings that are being written, and the `RRsets` of them that were not yet.
    sealed: Option<(Holdings, Vec<At>)>,
    /// Runs that are becoming one.
    pub(super) joining: Option<Box<Joining>>,
}

impl Spilled {
    /// The store, and a number for a run that is not used yet.
    pub(super) fn place(&mut self) -> Option<(Arc<dyn RunStore>, u32)> {
        let store = Arc::clone(self.store.as_ref()?);
        self.last += 1;
        Some((store, self.last))
    }

    /// How many octets are allocated for what is on its way.
    pub(super) fn memory(&self) -> usize {
        let sealed = self.sealed.as_ref().map_or(0, |(held, left)| held.memory() + left.capacity() * size_of::<At>());
        let joining = self.joining.as_ref().map_or(0, |joining| joining.memory());
        sealed + joining + self.ending.as_ref().map_or(0, Merge::memory)
    }

    /// Whether anything is on its way.
    fn is_busy(&self) -> bool {
        self.sealed.is_some() || self.ending.is_some()
    }

    /// Whether anything is in runs, or is to be.
    fn is_used(&self) -> bool {
        !self.runs.is_empty() || self.sealed.is_some() || self.joining.is_some()
    }
}

impl Differ {
    /// Looks how much memory is taken, and takes a step if it is too much; or as many as it takes.
    pub(super) fn look(&mut self) -> Result<(), DiffError> {
        self.since_look = 0;
        self.step()?;
        while self.spilled.is_busy() && self.memory() > self.budget.most() {
            self.step()?;
        }
        Ok(())
    }

    /// One step; without a store nothing goes into runs, and there is an error when the memory ends.
    fn step(&mut self) -> Result<(), DiffError> {
        if self.merge.as_ref().is_some_and(Merge::is_hopeless) {
            self.end_merge()?;
        }
        if self.spilled.store.is_none() {
            self.take_waiting(self.budget.units())?;
            return if self.memory() > self.budget.most() { Err(DiffError::OverBudget) } else { Ok(()) };
        }
        if self.spilled.sealed.is_some() {
            return self.write_slice();
        }
        self.join_slice()?;
        if self.merge.is_some() && self.memory() > self.budget.held() {
            self.end_merge()?;
        }
        let limit = match self.spilled.ending {
            Some(_) => self.budget.moved(),
            None => self.budget.held(),
        };
        self.take_waiting(self.budget.units())?;
        if self.holdings.memory() > limit { self.seal() } else { Ok(()) }
    }

    /// Ends the merge; what waits in it is still to be held.
    fn end_merge(&mut self) -> Result<(), DiffError> {
        for side in (0_u8..).take(self.sides.len()) {
            Merge::kinds().try_for_each(|kind| self.close(side, kind))?;
        }
        if let Some(mut merge) = self.merge.take() {
            self.past = merge.give_up();
            self.spilled.ending = Some(merge);
        }
        Ok(())
    }

    /// Holds so many of the units that wait in a merge that has ended.
    fn take_waiting(&mut self, units: usize) -> Result<(), DiffError> {
        for _ in 0..units {
            let Some(merge) = &mut self.spilled.ending else { break };
            match merge.take_one() {
                Some(waited) => self.hold_waited(&waited)?,
                None => self.spilled.ending = None,
            }
        }
        Ok(())
    }

    /// Takes what is held aside, to be written; what was set aside before is written now.
    pub(super) fn seal(&mut self) -> Result<(), DiffError> {
        if self.spilled.store.is_none() {
            return Err(DiffError::OverBudget);
        }
        while self.spilled.sealed.is_some() {
            self.write_slice()?;
        }
        let held = std::mem::replace(&mut self.holdings, Holdings::new(self.sides.len(), self.seed));
        let rrsets = held.rrsets().collect();
        self.spilled.sealed = Some((held, rrsets));
        Ok(())
    }

    /// Writes a slice of what is set aside into a run of its own.
    fn write_slice(&mut self) -> Result<(), DiffError> {
        let Some((held, mut rrsets)) = self.spilled.sealed.take() else { return Ok(()) };
        let mut slice = rrsets.split_off(rrsets.len().saturating_sub(self.budget.slice()));
        held.sort(&mut slice);
        if !slice.is_empty() {
            let mut writer = self.run_writer()?;
            held.give(&slice, |rrsets, around| held.presence_of(rrsets, around), &mut writer)?;
            self.spilled.runs.push(writer.end()?);
        }
        if !rrsets.is_empty() {
            self.spilled.sealed = Some((held, rrsets));
        }
        self.join_runs()
    }

    /// Begins to make one of the runs if they are many; those before are done with by then, or are now.
    fn join_runs(&mut self) -> Result<(), DiffError> {
        if self.spilled.runs.len() < self.budget.runs() {
            return Ok(());
        }
        while self.spilled.joining.is_some() {
            self.join_slice()?;
        }
        let writer = self.run_writer()?;
        let runs = std::mem::take(&mut self.spilled.runs);
        self.spilled.joining = Some(Box::new(Joining::new(runs, &hash_of(self.seed), writer)?));
        Ok(())
    }

    /// Joins a slice of the runs that are becoming one.
    fn join_slice(&mut self) -> Result<(), DiffError> {
        let Some(mut joining) = self.spilled.joining.take() else { return Ok(()) };
        if joining.step(self.budget.slice())? {
            self.spilled.joining = Some(joining);
        } else {
            self.spilled.runs.push(joining.end()?);
        }
        Ok(())
    }

    /// For the next run.
    fn run_writer(&mut self) -> Result<RunWriter, DiffError> {
        let (store, number) = self.spilled.place().ok_or(DiffError::OverBudget)?;
        Ok(RunWriter::new(OctetWriter::new(store, number, hash_of(self.seed))))
    }

    /// Takes all steps that are left at the end; whether everything is in runs now, or everything in memory.
    pub(super) fn finish_spilling(&mut self) -> Result<bool, DiffError> {
        while self.spilled.ending.is_some() {
            self.step()?;
        }
        if !self.spilled.is_used() {
            return Ok(false);
        }
        if !self.holdings.is_empty() {
            self.seal()?;
        }
        while self.spilled.sealed.is_some() {
            self.write_slice()?;
        }
        if let Some(joining) = self.spilled.joining.take() {
            // They are all merged next, so that nobody needs the one.
            self.spilled.runs.extend(joining.give_up()?);
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
