//! Replication in process: a secondary follows its primary by a watch channel, after a delay, unless it is paused.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::zone::{Zone, Zones};

/// Makes the secondary's copy differ from the primary's zone.
pub type Difference = Arc<dyn Fn(&mut Zone) + Send + Sync>;

/// How a secondary follows its primary.
#[derive(Clone)]
pub struct Replica {
    /// The primary's zones.
    pub(super) primary: watch::Receiver<Zones>,
    /// How long a change takes.
    pub(super) delay: Duration,
    /// Whether the secondary stands still.
    pub(super) paused: watch::Sender<bool>,
    /// What it holds differently.
    pub(super) differences: Vec<Difference>,
}

/// # Following
impl Replica {
    /// A replica without delay.
    pub(super) fn of(primary: watch::Receiver<Zones>) -> Self {
        Self { primary, delay: Duration::ZERO, paused: watch::Sender::new(false), differences: Vec::new() }
    }

    /// The primary's zones as this secondary will hold them.
    pub(super) fn copy(&self, mut zones: Zones) -> Zones {
        for difference in &self.differences {
            zones.each_mut().for_each(|zone| difference(zone));
        }
        zones
    }

    /// Follows until the primary is gone. A version is taken when it appears and shown `delay` later; versions that
    /// appear meanwhile are passed over in favour of the newest.
    pub(super) async fn follow(mut self, own: watch::Sender<Zones>) {
        while self.primary.changed().await.is_ok() {
            if self.running().await.is_err() {
                return;
            }
            let version = self.primary.borrow_and_update().clone();
            tokio::time::sleep(self.delay).await;
            if self.running().await.is_err() {
                return;
            }
            own.send_replace(self.copy(version));
        }
    }

    /// Waits while the secondary is paused.
    async fn running(&self) -> Result<(), watch::error::RecvError> {
        self.paused.subscribe().wait_for(|paused| !paused).await.map(drop)
    }
}
