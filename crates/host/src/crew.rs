//! The handlers that are at work on the streams of a host, and how they end with it.

use std::collections::HashMap;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;

/// The tasks of the handlers at work. What ends them is kept here, in a word or two for each: if every task listened
/// for the end itself, it would take several times that.
#[derive(Default)]
pub(crate) struct Crew(Mutex<Roll>);

#[derive(Default)]
struct Roll {
    /// By number; none of a task that is only just being started.
    tasks: HashMap<u64, Option<AbortHandle>>,
    next: u64,
    /// Whether the host has closed.
    closed: bool,
}

impl Crew {
    /// Starts the task of a handler, which is told its number and has to [`leave`](Self::leave) by that. Once the
    /// host has closed there is no more work.
    pub(crate) fn start(&self, spawn: impl FnOnce(u64) -> AbortHandle) {
        let Some(number) = self.enter() else { return };
        // Not under the lock, for a runtime that shuts down drops the task here and now, and then it leaves.
        let task = spawn(number);
        if !self.know(number, &task) {
            // It has left, or the host has closed meanwhile.
            task.abort();
        }
    }

    /// The task of a handler has come to its end.
    pub(crate) fn leave(&self, number: u64) {
        let mut roll = self.roll();
        let gone = roll.tasks.remove(&number);
        if roll.tasks.is_empty() && MANY < roll.tasks.capacity() {
            roll.tasks = HashMap::new();
        }
        drop(roll);
        drop(gone);
    }

    /// Ends all of them, and lets nobody start any more.
    pub(crate) fn close(&self) {
        let tasks = {
            let mut roll = self.roll();
            roll.closed = true;
            mem::take(&mut roll.tasks)
        };
        tasks.into_values().flatten().for_each(|task| task.abort());
    }

    fn enter(&self) -> Option<u64> {
        let mut roll = self.roll();
        if roll.closed {
            return None;
        }
        let number = roll.next;
        roll.next += 1;
        roll.tasks.insert(number, None);
        Some(number)
    }

    /// Keeps what ends a task, as long as it is at work. Whether it is.
    fn know(&self, number: u64, task: &AbortHandle) -> bool {
        let mut roll = self.roll();
        let starting = roll.tasks.get_mut(&number);
        starting.map(|starting| *starting = Some(task.clone())).is_some()
    }

    fn roll(&self) -> MutexGuard<'_, Roll> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room for that many is not worth giving back.
const MANY: usize = 1024;

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Arc;

    use tokio::sync::oneshot::{self, error::TryRecvError};

    use super::*;

    /// Leaves when its task ends, as a handler's seat does.
    struct Leaving(Arc<Crew>, u64);

    impl Drop for Leaving {
        fn drop(&mut self) {
            self.0.leave(self.1);
        }
    }

    /// Starts a task that does this and then tells that it is gone, by dropping what it holds.
    fn start(
        crew: &Arc<Crew>,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> oneshot::Receiver<()> {
        let (holds, gone) = oneshot::channel();
        crew.start(|number| {
            let leaving = Leaving(crew.clone(), number);
            let task = tokio::spawn(async move {
                work.await;
                drop((leaving, holds));
            });
            task.abort_handle()
        });
        gone
    }

    /// Whether a task has ended, now that every other one has had its turn.
    async fn is_gone(mut task: oneshot::Receiver<()>) -> bool {
        tokio::task::yield_now().await;
        task.try_recv() == Err(TryRecvError::Closed)
    }

    #[tokio::test]
    async fn all_that_are_at_work_end_with_the_host_and_nobody_starts_after_that() {
        let crew = Arc::new(Crew::default());
        let at_work = [start(&crew, pending()), start(&crew, pending())];
        tokio::task::yield_now().await;
        crew.close();
        for task in at_work {
            assert!(is_gone(task).await);
        }
        crew.start(|_| unreachable!("there is no more work"));
    }

    #[tokio::test]
    async fn whoever_is_done_is_no_longer_known() {
        let crew = Arc::new(Crew::default());
        let (done, at_work) = (start(&crew, async {}), start(&crew, pending()));
        assert!(is_gone(done).await);
        assert_eq!(crew.roll().tasks.keys().collect::<Vec<_>>(), [&1]);
        drop(at_work);
    }

    #[tokio::test]
    async fn a_host_that_closes_while_a_handler_is_being_started_ends_it() {
        let crew = Arc::new(Crew::default());
        let (holds, gone) = oneshot::channel::<()>();
        crew.start(|_| {
            let task = tokio::spawn(async move {
                pending::<()>().await;
                drop(holds);
            });
            crew.close();
            task.abort_handle()
        });
        assert!(is_gone(gone).await);
    }

    #[test]
    fn a_runtime_that_shuts_down_drops_the_task_while_it_is_being_started() {
        let crew = Arc::new(Crew::default());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let handle = runtime.handle().clone();
        drop(runtime);
        let _runtime = handle.enter();
        start(&crew, pending());
        assert!(crew.roll().tasks.is_empty());
    }
}
