//! Which error goes where: what a person can act on is said; the rest is logged under an id and only the
//! id is told.

use app::AppError;

use crate::store::StoreError;

/// Logs a fault of ours and gives what the browser may know of it.
pub fn internal(error: impl Into<anyhow::Error>) -> AppError {
    let id = uuid::Uuid::new_v4().simple().to_string()[..12].to_owned();
    let error = error.into();
    tracing::error!(error_id = %id, error = %format!("{error:#}"), "internal fault");
    AppError::Internal { id }
}

/// Why a person was refused what they asked for, for the audit trail; None for faults, and for strangers.
pub fn refusal(error: &AppError) -> Option<String> {
    match error {
        AppError::Forbidden
        | AppError::NotFound
        | AppError::Invalid(_)
        | AppError::Conflict(_)
        | AppError::TooMany { .. } => Some(error.to_string()),
        // asking again who somebody is refuses nothing yet
        AppError::NotSignedIn
        | AppError::Reauthenticate
        | AppError::Unavailable(_)
        | AppError::Offline
        | AppError::Internal { .. } => None,
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => {
                tracing::error!(%cause, "the database refuses");
                AppError::Unavailable(format!(
                    "The database cannot be written or read now ({cause}). Nothing was changed; live calls go on."
                ))
            }
            StoreError::Taken(what) => AppError::Conflict(format!("This {what} is taken already.")),
            StoreError::LastAdministrator => AppError::Conflict(
                "Nothing was changed: this is the last administrator who can sign in. Make another one first.".into(),
            ),
            StoreError::Other(error) => internal(error),
        }
    }
}
