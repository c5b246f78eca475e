//! Lists part by part: in the order of keys that never change, from a cursor on. Whatever else changes meanwhile, nothing
//! comes twice and nothing that stays is left out.

use app::browser::hex;
use axum::{
    Json,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;

/// Things on a page when nothing else is asked for, and at most.
const USUAL: usize = 100;
const MOST: usize = 500;

/// Which part of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Part {
    /// How many at most; 100 when not given.
    #[param(minimum = 1, maximum = 500)]
    pub(super) limit: Option<usize>,
    /// Where the part begins: the `next` of the part before.
    #[param(pattern = "^[0-9a-f]{2,1024}$")]
    pub(super) cursor: Option<String>,
}

/// One part of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// In a fixed order.
    pub(super) items: Vec<T>,
    /// The cursor of the next part; null at the end. Also in `Link: rel="next"`.
    pub(super) next: Option<String>,
}

/// The key after which a part begins, and its length.
pub(super) struct Wanted<K> {
    pub(super) after: Option<K>,
    pub(super) limit: usize,
}

impl Part {
    /// Reads it for a list whose keys read back from text. `list` is in the cursor: one of another list is refused.
    pub(super) fn of<K>(&self, list: &str, key: impl Fn(&str) -> Option<K>) -> Result<Wanted<K>, Problem> {
        let limit = self.limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&limit) {
            return Err(Problem::field("limit", format!("Ask for 1 to {MOST} at once.")));
        }
        let wrong = || Problem::field("cursor", "This cursor is none of this list; begin without one.");
        let after = match &self.cursor {
            None => None,
            Some(cursor) => {
                let text = unhex(cursor).ok_or_else(wrong)?;
                let (of, after) = text.split_once(' ').ok_or_else(wrong)?;
                let after = (of == list).then(|| key(after)).flatten();
                Some(after.ok_or_else(wrong)?)
            }
        };
        Ok(Wanted { after, limit })
    }
}

fn unhex(text: &str) -> Option<String> {
    let bytes = text.as_bytes().chunks(2).map(|pair| {
        let digit = |at: usize| char::from(*pair.get(at)?).to_digit(16);
        u8::try_from(digit(0)? * 16 + digit(1)?).ok()
    });
    String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()
}

/// The part of a list that was asked for. `rows` come in the order of their keys, those after the cursor alone, one more
/// than asked for where there are more.
pub(super) fn page<T: Serialize>(
    list: &str,
    limit: usize,
    rows: impl Iterator<Item = (String, T)>,
) -> Response {
    page_of(list, None, limit, rows)
}

/// The same of a list that was asked for with more parameters, which go with its cursors.
pub(super) fn page_of<T: Serialize>(
    list: &str,
    query: Option<&str>,
    limit: usize,
    rows: impl Iterator<Item = (String, T)>,
) -> Response {
    let others = query.unwrap_or_default().split('&').filter(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        !matches!(name, "" | "limit" | "cursor")
    });
    let others: String = others.map(|pair| format!("{pair}&")).collect();
    let mut items = Vec::new();
    let mut last = None;
    let mut next = None;
    for (key, row) in rows {
        if items.len() == limit {
            next = last.map(|last: String| hex(format!("{list} {last}").as_bytes()));
            break;
        }
        last = Some(key);
        items.push(row);
    }
    let link = next
        .as_ref()
        .map(|cursor| format!("</api/v1/{list}?{others}limit={limit}&cursor={cursor}>; rel=\"next\""));
    let mut response = Json(Page { items, next }).into_response();
    if let Some(link) = link.and_then(|link| HeaderValue::try_from(link).ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}
