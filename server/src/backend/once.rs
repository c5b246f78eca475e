//! Work that is under way: whoever asks for the same meanwhile waits for the first and gets what it gets.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use app::AppError;
use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};

type Running<T> = Shared<BoxFuture<'static, Result<T, AppError>>>;
type RequestKey = (i64, String);
type Table<T> = Arc<Mutex<HashMap<RequestKey, Running<T>>>>;

/// Requests that have begun and not ended, by who asked and their id.
#[derive(Clone)]
pub struct Once<T: Clone> {
    running: Table<T>,
}

impl<T: Clone> Default for Once<T> {
    fn default() -> Self {
        Self {
            running: Arc::default(),
        }
    }
}

impl<T: Clone> std::fmt::Debug for Once<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Once")
    }
}

impl<T: Clone + Send + Sync + 'static> Once<T> {
    /// Runs `work` once for all who come with the same request while it runs. It goes on when the one who asked goes
    /// away.
    pub async fn run(
        &self,
        user: i64,
        request: &str,
        work: impl Future<Output = Result<T, AppError>> + Send + 'static,
    ) -> Result<T, AppError> {
        let key = (user, request.to_owned());
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
}
