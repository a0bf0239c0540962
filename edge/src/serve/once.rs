//! Turns of this isolate's requests: [`Flights`] with the runtime's clock and timers.

use crate::clock;
use crate::flights::{Flights, MAX_WAIT, Turn};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use worker::Delay;

/// Time between two looks at what another request is making.
const POLL_EVERY: Duration = Duration::from_millis(20);

thread_local! {
    static FLIGHTS: RefCell<Flights> = RefCell::default();
}

/// The right to make a thing; given back when it is dropped, whatever happened.
pub(crate) struct MyTurn {
    name: String,
    made: Option<Rc<Vec<u8>>>,
}

impl MyTurn {
    /// Leaves what was made to those who wait for it.
    pub(crate) fn made(mut self, bytes: &[u8]) {
        self.made = Some(Rc::new(bytes.to_vec()));
    }
}

impl Drop for MyTurn {
    fn drop(&mut self) {
        let now = clock::now();
        FLIGHTS.with_borrow_mut(|flights| flights.land(&self.name, self.made.take(), now));
    }
}

/// How it went on after waiting, if there was anything to wait for.
pub(crate) enum Entry {
    /// Make it.
    Mine(MyTurn),
    /// Another request has made it.
    Made(Rc<Vec<u8>>),
    /// Another request is done with it, or takes too long: see what there is now.
    Waited,
}

/// The turn if it is free, without waiting.
pub(crate) fn try_take(name: &str) -> Option<MyTurn> {
    match FLIGHTS.with_borrow_mut(|flights| flights.turn(name, clock::now())) {
        Turn::Yours => Some(MyTurn { name: name.to_owned(), made: None }),
        Turn::Theirs | Turn::Done(_) => None,
    }
}

/// Lets go of what was made of names that begin so, in this isolate.
pub(crate) fn forget(name_prefix: &str) {
    FLIGHTS.with_borrow_mut(|flights| flights.forget(name_prefix));
}

/// Takes the turn, or waits until whoever has it is done.
pub(crate) async fn take_or_wait(name: &str) -> Entry {
    let begun = clock::now();
    let mut has_waited = false;
    loop {
        match FLIGHTS.with_borrow_mut(|flights| flights.turn(name, clock::now())) {
            Turn::Done(bytes) => return Entry::Made(bytes),
            Turn::Yours if has_waited => {
                // Only looked whether it is free: to be taken by whoever finds that it is still needed.
                FLIGHTS.with_borrow_mut(|flights| flights.land(name, None, clock::now()));
                return Entry::Waited;
            }
            Turn::Yours => return Entry::Mine(MyTurn { name: name.to_owned(), made: None }),
            Turn::Theirs if clock::now().duration_since(begun) > MAX_WAIT => return Entry::Waited,
            Turn::Theirs => {
                has_waited = true;
                Delay::from(POLL_EVERY).await;
            }
        }
    }
}
