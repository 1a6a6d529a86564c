//! A difference is confirmed when every side shows once more, octet for octet, what it has shown.
//!
//! What is the same octets is the same records: the rules that the first pull was held to hold for them, and comparing
//! them again would find the same difference. So nothing of the second pull is walked, canonicalised or merged; it costs
//! little more than reading it. Between its two looks at the SOA a side has stood still, as in the first pull.
//!
//! That needs a first pull that was settled. A server that sends the same records in another way (another order, other
//! cuts) is not confirmed so, nor one that shows something else: then the first pull says nothing any more, and two that
//! follow each other are compared in full.

use super::side::{Endpoint, Endpoints};
use super::snapshot::{Pulled, Shown, SideError, Terms};
use super::stream::PROGRESS_EVERY;
use crate::report::EventKind;
use crate::serial::Serial;
use std::future::Future;
use std::pin::pin;
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::task::JoinSet;

/// Whether all sides that were pulled well show the same again; those that failed are not asked.
///
/// Nothing is transferred unless all of them still have the SOA that they had.
pub(super) async fn all_show_again(
    terms: &Terms,
    endpoints: &Endpoints,
    sides: &[Pulled],
    tell: &mut impl FnMut(EventKind),
) -> bool {
    let (events, mut told) = mpsc::unbounded_channel();
    let mut again = Vec::new();
    for (endpoint, pulled) in endpoints.all().zip(sides) {
        let Ok(snapshot) = pulled else { continue };
        let Some(shown) = snapshot.sent.clone() else { return false };
        again.push(Again {
            terms: terms.clone(),
            endpoint: endpoint.clone(),
            serial: snapshot.serial,
            shown,
            events: events.clone(),
        });
    }
    drop(events);
    if !all(again.clone(), Again::stands).await {
        return false;
    }
    let mut same = pin!(all(again, Again::sends));
    loop {
        tokio::select! {
            biased;
            Some(kind) = told.recv() => tell(kind),
            same = &mut same => return same,
        }
    }
}

/// Whether all say yes, each in a task of its own; the others are not waited for once one has said no.
async fn all<F>(sides: Vec<Again>, ask: impl Fn(Again) -> F) -> bool
where
    F: Future<Output = Result<bool, SideError>> + Send + 'static,
{
    let mut tasks: JoinSet<_> = sides.into_iter().map(ask).collect();
    while let Some(said) = tasks.join_next().await {
        if !matches!(said, Ok(Ok(true))) {
            return false;
        }
    }
    true
}

/// One side that is to show the same again.
#[derive(Clone)]
struct Again {
    /// What is read, and how.
    terms: Terms,
    /// The side.
    endpoint: Endpoint,
    /// Its serial.
    serial: Serial,
    /// What it has shown.
    shown: Shown,
    /// Where progress is told.
    events: UnboundedSender<EventKind>,
}

impl Again {
    /// Whether its SOA is still the same.
    async fn stands(self) -> Result<bool, SideError> {
        self.endpoint.stands(&self.terms, &self.shown).await
    }

    /// Whether it sends the same, and its SOA is the same after that.
    async fn sends(self) -> Result<bool, SideError> {
        self.tell(EventKind::ReadStarted { side: self.endpoint.name.label() });
        let (mut records, mut octets) = (0_u64, 0_u64);
        let mut each = |announced: u16, length: usize| {
            let told = records / PROGRESS_EVERY;
            records += u64::from(announced);
            octets = octets.saturating_add(length as u64);
            if records / PROGRESS_EVERY > told {
                self.tell(EventKind::ReadProgress { side: self.endpoint.name.label(), records, octets });
            }
        };
        let same = self.endpoint.sends_again(&self.terms, &self.shown, &mut each).await?;
        if same {
            // The SOA that ends a transfer is not a record of its own.
            let records = records.saturating_sub(1);
            self.tell(EventKind::ReadDone { side: self.endpoint.name.label(), serial: self.serial.0, records });
        }
        Ok(same && self.endpoint.stands(&self.terms, &self.shown).await?)
    }

    /// Tells something of this side.
    fn tell(&self, kind: EventKind) {
        // The receiver lives as long as the repetition; if it is gone nobody wants to know.
        let _ = self.events.send(kind);
    }
}
