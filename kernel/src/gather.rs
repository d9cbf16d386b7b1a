//! Work that several ask for at the same moment and that is cheaper done once for all of them: whoever comes while
//! somebody is at it waits, and the next does it for everybody who waits by then. What the work is, its askers say.

use std::{
    pin::Pin,
    sync::{Mutex, PoisonError},
};

use tokio::sync::oneshot;

/// The work under way. In a box, since the compiler does not see of an asynchronous closure that it may be sent.
pub type Working<'w, Answer> = Pin<Box<dyn Future<Output = Vec<Answer>> + Send + 'w>>;

/// The line of those who ask, and the turn of the one who does the work.
pub struct Gathering<Ask, Answer> {
    waiting: Mutex<Vec<(Ask, oneshot::Sender<Answer>)>>,
    turn: tokio::sync::Mutex<()>,
}

impl<Ask, Answer> Default for Gathering<Ask, Answer> {
    fn default() -> Self {
        Self { waiting: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }
}

impl<Ask: Send, Answer: Send> Gathering<Ask, Answer> {
    /// Asks, and waits for the answer. `work` takes what was asked, at most `most` at a time and the first to come
    /// first, and gives the answers in the same order. None when whoever did the work went away before it was done, or
    /// gave no answer: then the asker sees to it alone.
    pub async fn ask<'w>(
        &self,
        ask: Ask,
        most: usize,
        work: impl Fn(Vec<Ask>) -> Working<'w, Answer> + Send,
    ) -> Option<Answer> {
        let (tell, mut told) = oneshot::channel();
        self.line().push((ask, tell));
        tokio::select! {
            biased;
            answer = &mut told => answer.ok(),
            _turn = self.turn.lock() => loop {
                let (asked, tellers): (Vec<Ask>, Vec<_>) = self.next(most).into_iter().unzip();
                let answers = work(asked).await;
                for (tell, answer) in tellers.into_iter().zip(answers) {
                    // Who does not listen any more went away.
                    let _ = tell.send(answer);
                }
                // Where the line was long, one's own turn in it comes later.
                match told.try_recv() {
                    Ok(answer) => return Some(answer),
                    Err(oneshot::error::TryRecvError::Closed) => return None,
                    Err(oneshot::error::TryRecvError::Empty) => {}
                }
            },
        }
    }

    fn next(&self, most: usize) -> Vec<(Ask, oneshot::Sender<Answer>)> {
        let mut line = self.line();
        let some = line.len().min(most.max(1));
        line.drain(..some).collect()
    }

    fn line(&self) -> std::sync::MutexGuard<'_, Vec<(Ask, oneshot::Sender<Answer>)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering::SeqCst},
        task::Poll,
    };

    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn who_comes_while_somebody_is_at_it_is_done_together_and_in_order() {
        let (line, works) = (Gathering::<usize, usize>::default(), AtomicUsize::new(0));
        let open = Semaphore::new(0);
        let one = async |ask| {
            let work = |asked: Vec<usize>| -> Working<'_, usize> {
                works.fetch_add(1, SeqCst);
                assert!(asked.len() <= 4 && asked.is_sorted(), "{asked:?}");
                let open = &open;
                Box::pin(async move {
                    let _ = open.acquire().await;
                    asked.into_iter().map(|ask| ask * 10).collect()
                })
            };
            line.ask(ask, 4, work).await
        };
        let let_them = async {
            tokio::task::yield_now().await;
            open.add_permits(1_000);
        };
        let all = futures_util::future::join_all((0..9).map(one));
        let (answers, ()) = tokio::join!(all, let_them);
        assert_eq!(answers, (0..9).map(|ask| Some(ask * 10)).collect::<Vec<_>>());
        // Nine came before the first was done: it, then four, then four.
        assert!(works.load(SeqCst) <= 3, "{works:?}");
    }

    async fn waits(mut work: Pin<&mut impl Future>) -> bool {
        std::future::poll_fn(|context| Poll::Ready(work.as_mut().poll(context).is_pending())).await
    }

    #[tokio::test]
    async fn whose_worker_goes_away_is_told_nothing_and_the_next_goes_on() {
        let line = Gathering::<usize, usize>::default();
        let never = |_: Vec<usize>| -> Working<'_, usize> { Box::pin(std::future::pending()) };
        let done = |asked: Vec<usize>| -> Working<'_, usize> { Box::pin(async { asked }) };
        let mut first = Box::pin(line.ask(1, 4, never));
        assert!(waits(first.as_mut()).await);
        let mut second = Box::pin(line.ask(2, 4, done));
        assert!(waits(second.as_mut()).await);
        drop(first);
        assert_eq!(second.await, Some(2), "it was not in the work that went away");
        let silent = |_: Vec<usize>| -> Working<'_, usize> { Box::pin(async { Vec::new() }) };
        assert_eq!(line.ask(3, 4, silent).await, None);
        assert_eq!(line.ask(4, 4, done).await, Some(4));
    }
}
