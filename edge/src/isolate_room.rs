//! Memory for uploads, of this isolate: [`Places`] with the runtime's clock and timers.

use crate::clock;
use crate::publish::room::{Number, Places, Room};
use crate::trace::{Phase, Trace};
use jiff::SignedDuration;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use worker::Delay;

/// Time between two looks whether there is room.
const POLL_EVERY: Duration = Duration::from_millis(20);
/// How long a publish waits for room.
const MAX_WAIT: SignedDuration = SignedDuration::from_secs(10);

thread_local! {
    static PLACES: RefCell<Places> = RefCell::default();
}

/// The room of this isolate, for one request.
pub(crate) struct IsolateRoom {
    pub(crate) trace: Rc<Trace>,
}

/// Memory that is one's own until this is dropped.
pub(crate) struct Place(Number);

impl Drop for Place {
    fn drop(&mut self) {
        PLACES.with_borrow_mut(|places| places.leave(self.0));
    }
}

impl Place {
    fn take(bytes: u64) -> Option<Self> {
        PLACES.with_borrow_mut(|places| places.take(bytes, clock::now())).map(Self)
    }

    async fn wait_for(bytes: u64) -> Option<Self> {
        let begun = clock::now();
        while clock::now().duration_since(begun) < MAX_WAIT {
            Delay::from(POLL_EVERY).await;
            if let Some(place) = Self::take(bytes) {
                return Some(place);
            }
        }
        None
    }
}

impl Room for IsolateRoom {
    type Place = Place;

    async fn enter(&self, bytes: u64) -> Option<Place> {
        match Place::take(bytes) {
            Some(place) => Some(place),
            None => self.trace.measure(Phase::Wait, Place::wait_for(bytes)).await,
        }
    }
}
