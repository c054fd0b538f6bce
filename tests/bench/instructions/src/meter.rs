//! What is counted: rounds of work behind a function that callgrind knows by its name.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Does the work until it has what it keeps (buffers, tables, code that is chosen once), and then so that it is counted.
pub fn measure(mut work: impl FnMut()) {
    for _ in 0..WARM_UP {
        work();
    }
    counted(&mut work);
}

/// All that callgrind counts. `cargo xtask bench --check` knows this name.
#[inline(never)]
fn counted(work: &mut dyn FnMut()) {
    for _ in 0..ROUNDS {
        work();
    }
}

/// The outcome of a future; while it waits, `meanwhile` does what it waits for.
///
/// # Panics
/// When nothing comes of it.
pub fn finish<F: Future>(future: F, mut meanwhile: impl FnMut(&mut Context<'_>)) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..MAX_POLLS {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        meanwhile(&mut context);
    }
    panic!("still waiting after {MAX_POLLS} polls");
}

/// How often the work is counted: often enough for what happens every few rounds only, such as a window update.
pub const ROUNDS: u32 = 200;

const WARM_UP: u32 = 50;

/// Far more than anything here takes.
const MAX_POLLS: u32 = 10_000;
