//! Commands under way: doubles wait for the first, and one person places one call at a time.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use app::{AppError, model::UserId};
use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use telephony::Outcome;

/// What everyone who asked gets.
pub type Answer = Result<Outcome, AppError>;
type Running = Shared<BoxFuture<'static, Answer>>;
type RequestKey = (i64, String);

/// Commands that have begun and not ended.
#[derive(Clone, Default)]
pub struct InFlight {
    running: Arc<Mutex<HashMap<RequestKey, Running>>>,
    calling: Arc<Mutex<HashSet<i64>>>,
}

impl std::fmt::Debug for InFlight {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("InFlight")
    }
}

impl InFlight {
    /// Runs `work` once for all who come with the same request while it runs. It goes on when the one who
    /// asked goes away.
    pub async fn once(
        &self,
        user: UserId,
        request: &str,
        work: impl Future<Output = Answer> + Send + 'static,
    ) -> Answer {
        let key = (user.0, request.to_owned());
        let running = {
            let mut table = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            match table.get(&key) {
                Some(running) => running.clone(),
                None => {
                    let (mine, done) = (key.clone(), self.running.clone());
                    let task = tokio::spawn(async move {
                        let answer = work.await;
                        done.lock().unwrap_or_else(PoisonError::into_inner).remove(&mine);
                        answer
                    });
                    let (mine, done) = (key.clone(), self.running.clone());
                    let answer = async move {
                        match task.await {
                            Ok(answer) => answer,
                            Err(error) => {
                                done.lock().unwrap_or_else(PoisonError::into_inner).remove(&mine);
                                Err(crate::error::internal(error))
                            }
                        }
                    };
                    let running = answer.boxed().shared();
                    table.insert(key, running.clone());
                    running
                }
            }
        };
        running.await
    }

    /// Takes a person's only line for placing calls.
    pub fn take_line(&self, user: UserId) -> Option<Line> {
        let mut calling = self.calling.lock().unwrap_or_else(PoisonError::into_inner);
        calling.insert(user.0).then(|| Line {
            calling: self.calling.clone(),
            user,
        })
    }
}

/// A person's only line for placing calls; free again when dropped.
#[derive(Debug)]
pub struct Line {
    calling: Arc<Mutex<HashSet<i64>>>,
    user: UserId,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.calling
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.user.0);
    }
}
