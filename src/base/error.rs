//! The one error of the house. What a person reads of it is made in `web/answers.rs`; what it means as a status stands here.

use crate::access::Impact;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug)]
pub enum Error {
    /// Unknown, or not the actor's business: both answer the same bytes.
    NotFound,
    /// Nobody is signed in and somebody has to be.
    SignIn,
    /// What was shown as proof (password, code, token) does not hold.
    Unproven(String),
    /// Known to the actor, but not allowed. The text says what is missing, in words.
    Denied(String),
    /// The actor may do it after proving something first.
    StepUp(StepUp),
    /// What was typed cannot be taken; each with the field it belongs to.
    Invalid(Vec<FieldError>),
    /// It contradicts what is there now; the text says what, and what would help.
    Conflict(String),
    /// A link or token that was used, withdrawn or has expired.
    Gone(String),
    /// Somebody was faster: the record is at `rev` now.
    Stale {
        rev: i64,
    },
    /// What the change would do is no longer what its author saw.
    PreviewStale(Box<Impact>),
    Limited {
        retry_after: i64,
        message: String,
    },
    TooLarge(String),
    /// The address itself is too long to be read.
    UriTooLong,
    /// The headers together are too long.
    HeadersTooLarge,
    MediaType,
    Method,
    BadRequest(String),
    Unavailable(String),
    /// The transaction lost a race and may be tried again as a whole; `ops::run` does.
    Race,
    /// A fault of ours; the text goes to the log, never to the caller.
    Internal(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepUp {
    /// The last strong sign-in is too old for this act (R14).
    Fresh,
    /// The organization asks for a second factor and the person has none yet.
    EnrolMfa,
    /// The person has a second factor, but this session was made without it.
    VerifyMfa,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    pub field: String,
    /// A word for programs: required, invalid, taken, too_long, unknown, ...
    pub code: &'static str,
    pub message: String,
}

impl FieldError {
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }
}

impl Error {
    /// One field, one reason.
    pub fn field(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, code, message)])
    }

    pub fn denied(reason: impl Into<String>) -> Self {
        Self::Denied(reason.into())
    }

    pub fn internal(what: impl std::fmt::Display) -> Self {
        Self::Internal(what.to_string())
    }

    /// The HTTP status, the same for pages and API.
    pub fn status(&self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::SignIn | Self::Unproven(_) => 401,
            Self::Denied(_) | Self::StepUp(_) => 403,
            Self::Invalid(_) => 422,
            Self::Conflict(_) => 409,
            Self::Gone(_) => 410,
            Self::Stale { .. } | Self::PreviewStale(_) => 412,
            Self::Limited { .. } => 429,
            Self::TooLarge(_) => 413,
            Self::UriTooLong => 414,
            Self::HeadersTooLarge => 431,
            Self::MediaType => 415,
            Self::Method => 405,
            Self::BadRequest(_) => 400,
            Self::Unavailable(_) | Self::Race => 503,
            Self::Internal(_) => 500,
        }
    }

    /// Whether this is a refusal that the audit log keeps ("denied").
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Denied(_) | Self::StepUp(_))
    }

    /// What a person may read.
    pub fn message(&self) -> String {
        match self {
            Self::NotFound => "There is nothing here that you can see.".into(),
            Self::SignIn => "Sign in first.".into(),
            Self::Denied(reason)
            | Self::Unproven(reason)
            | Self::Conflict(reason)
            | Self::Gone(reason)
            | Self::BadRequest(reason)
            | Self::TooLarge(reason)
            | Self::Unavailable(reason) => reason.clone(),
            Self::StepUp(StepUp::Fresh) => "Confirm that it is you: enter your password once more.".into(),
            Self::StepUp(StepUp::EnrolMfa) => "This organization asks for two-factor sign-in. Set it up first.".into(),
            Self::StepUp(StepUp::VerifyMfa) => "This organization asks for two-factor sign-in. Sign in with your code.".into(),
            Self::Invalid(fields) => match fields.as_slice() {
                [one] => one.message.clone(),
                many => format!("{} fields need another look.", many.len()),
            },
            Self::Stale { .. } => "Somebody changed this since you opened it. Look at it again, then save.".into(),
            Self::PreviewStale(_) => "What this would do has changed since you looked. Look again, then confirm.".into(),
            Self::Limited { message, .. } => message.clone(),
            Self::Race => "Too many changes at once. Nothing was changed; try again.".into(),
            Self::UriTooLong => "That address is too long. Take some filters away, or send less in it.".into(),
            Self::HeadersTooLarge => "The headers of that request are too long. Deleting this site's cookies may help.".into(),
            Self::MediaType => "Send JSON with Content-Type: application/json.".into(),
            Self::Method => "This address does not take that method.".into(),
            Self::Internal(_) => "Something went wrong on our side. Nothing was changed.".into(),
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Internal(context) => write!(f, "internal: {context}"),
            other => f.write_str(&other.message()),
        }
    }
}
impl std::error::Error for Error {}

impl From<diesel::result::Error> for Error {
    fn from(e: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Kind, Error as E};
        if crate::base::db::dialect::is_retryable(&e) {
            return Self::Race;
        }
        match e {
            E::NotFound => Self::NotFound,
            E::DatabaseError(Kind::UniqueViolation, _) => {
                Self::Conflict("Something with this name or address exists already, perhaps made a moment ago. Look again.".into())
            }
            E::DatabaseError(Kind::ClosedConnection | Kind::UnableToSendCommand, _) => Self::database_away(),
            E::DatabaseError(_, info) if crate::base::db::dialect::is_storage_trouble(info.message()) => {
                Self::Unavailable("The storage cannot take changes at the moment. Nothing was changed; try again soon.".into())
            }
            other => Self::Internal(format!("database: {other}")),
        }
    }
}
impl From<r2d2::Error> for Error {
    fn from(_: r2d2::Error) -> Self {
        Self::database_away()
    }
}
impl From<askama::Error> for Error {
    fn from(e: askama::Error) -> Self {
        Self::Internal(format!("template: {e}"))
    }
}
impl From<serde_json::Error> for Error {
    fn from(e: serde_json::Error) -> Self {
        Self::Internal(format!("json: {e}"))
    }
}

impl Error {
    pub fn database_away() -> Self {
        Self::Unavailable("The database does not answer at the moment. Try again in a few seconds.".into())
    }
}
